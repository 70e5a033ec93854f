"""Random subjects, searched with all reductions, with each one switched off, and for any number of CPUs.

``KGRAFT_SUBJECTS=500`` compares that many instead of the few of an ordinary run.
"""

import os

import pytest
from hypothesis import HealthCheck, assume, event, given, seed, settings
from hypothesis import strategies as st

from simulator.explore.any_number.proof import prove
from simulator.explore.checker import Limits, Options, check
from simulator.explore.reductions import Reductions
from simulator.explore.subject import Subject
from simulator.machine.profiles import PROFILES
from simulator.scenario.build import prepare
from simulator.scenario.scenario import Scenario
from tests.semantics import drawing
from tests.semantics.drawing import Drawn
from tests.semantics.guests import built, engine, reductions

PARTS = 8
SUBJECTS = int(os.environ.get("KGRAFT_SUBJECTS", "16"))
OFF = Reductions(merge=False, symmetry=False)
FEW = Reductions(ahead=False, registers=False)
"""For subjects that are too large without any; what it leaves on is compared with all off on the others."""

WORKLOADS = ("workload_caller_once", "workload_caller_twice", "workload_caller")


def subject(drawn: tuple[Drawn, ...], cpus: int, profile: str, placement: int, workload: str) -> Subject:
    if drawing.stops(drawn):
        workload = "workload_stoppable"
    wanted = Scenario(protocol=drawing.for_simulator(drawn), workload=workload, cpus=cpus, placement=placement)
    return built(prepare(wanted, engine()), profile).subject


def findings(searched: Subject, how: Reductions, states: int) -> frozenset[tuple[str, str]] | None:
    """Every (property, kind) that some schedule shows; None: there are too many states."""
    verdict = check(searched, Options(how, Limits(states=states), collect=True))
    return None if verdict.stopped_by else frozenset(verdict.all_findings)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_reduction_changes_what_is_found(part: int) -> None:
    @seed(part)
    @settings(max_examples=-(-SUBJECTS // PARTS), database=None, deadline=None, print_blob=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(
        drawn=drawing.PROTOCOLS, placement=st.sampled_from((0, 5, 30, 62)), profile=st.sampled_from(tuple(PROFILES)),
        cpus=st.sampled_from((1, 1, 1, 1, 1, 2)), workload=st.sampled_from(WORKLOADS),
    )  # fmt: skip
    def compare(drawn: tuple[Drawn, ...], placement: int, profile: str, cpus: int, workload: str) -> None:
        searched = subject(drawn, cpus, profile, placement, workload)
        expected = findings(searched, OFF, 10_000)
        event(f"all off: {expected is not None}")
        if expected is None:
            expected = findings(searched, FEW, 10_000)
        assume(expected is not None)
        event(f"{cpus} CPUs, {'a violation' if expected else 'safe'}")
        for how in reductions():
            assert findings(searched, how, 100_000) in (expected, None), how
        if cpus == 1:
            two = subject(drawn, 2, profile, placement, workload)
            if prove([searched], two).proven:
                event("proven for any number")
                assert findings(two, Reductions(), 100_000) in (frozenset(), None)
                assert not expected

    compare()
