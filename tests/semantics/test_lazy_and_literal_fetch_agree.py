"""Fetch by choosing when an instruction is executed, or by reading ahead and dropping step by step: one verdict.

The lazy rules pick, at execution, one of the values a granule can still have; the literal ones are R2 and R3 as they
are written, with every read-ahead and every eviction a transition. The literal queue is bounded at four granules.
"""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.patching.steps import New, Protocol, Store
from simulator.scenario.build import Guest, Hardware, prepare
from simulator.scenario.scenario import Scenario
from tests.semantics import drawing
from tests.semantics.drawing import Drawn
from tests.semantics.guests import built, engine, findings

LITERAL = Hardware(literal=True)
ONCE = "workload_caller_once"

FOUR_BYTES = Protocol("four-bytes", "one locked store inside the site", (Store(0, New(0, 4), locked=True),))

HELD = ("stale64", "stale8", "intel-strict")
QUEUE = ("zen3", "fifo8")
CASES = [
    *(("text-poke-none", 62, profile) for profile in HELD),
    *(("text-poke-13", 62, profile) for profile in HELD),
    *(("text-poke", 62, profile) for profile in HELD),
    *(("text-poke", 0, profile) for profile in QUEUE),
    *(("text-poke-1", 0, profile) for profile in QUEUE),
    *(("disarm-early", 0, profile) for profile in (*HELD, *QUEUE)),
    *(("store8", 5, profile) for profile in (*HELD, "zen3")),
    *(("locked-store8-sync", 0, profile) for profile in (*HELD, *QUEUE)),
    *(("stop-machine-noserialize", 62, profile) for profile in HELD),
    *(("stop-machine-noserialize", 0, profile) for profile in QUEUE),
    *(("stop-machine", 0, profile) for profile in (*HELD, *QUEUE)),
]
SLOW = [
    ("store8", 5, "fifo8"),
    ("stop-machine-noserialize", 62, "zen3"),
    ("stop-machine-bytes-noserialize", 0, "fifo8"),
]


@cache
def guest(protocol: str | Protocol, placement: int, workload: str) -> Guest:
    return prepare(Scenario(protocol=protocol, placement=placement, workload=workload), engine())


Found = frozenset[tuple[str, str]]


def both(protocol: str | Protocol, placement: int, profile: str) -> tuple[Found, Found]:
    """What the lazy rules find, and what the literal ones do."""
    stops = isinstance(protocol, str) and protocol.startswith("stop-")
    prepared = guest(protocol, placement, "workload_stoppable" if stops else ONCE)
    return findings(built(prepared, profile).subject), findings(built(prepared, profile, LITERAL).subject)


@pytest.mark.parametrize(("protocol", "placement", "profile"), CASES)
def test_both_find_the_same(protocol: str, placement: int, profile: str) -> None:
    lazy, literal = both(protocol, placement, profile)
    assert literal == lazy


@pytest.mark.slow
@pytest.mark.parametrize(("protocol", "placement", "profile"), SLOW)
def test_both_find_the_same_in_larger_spaces(protocol: str, placement: int, profile: str) -> None:
    lazy, literal = both(protocol, placement, profile)
    assert literal == lazy


@pytest.mark.slow
def test_both_find_the_same_byte_by_byte() -> None:
    lazy, literal = both(FOUR_BYTES, 0, "stale1")
    assert literal == lazy


@settings(max_examples=15, derandomize=True, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
@given(
    drawn=st.one_of(drawing.near_text_poke(), drawing.FREE),
    where=st.sampled_from([(0, profile) for profile in (*HELD, *QUEUE)] + [(62, profile) for profile in HELD]),
)
def test_both_find_the_same_in_random_protocols(drawn: tuple[Drawn, ...], where: tuple[int, str]) -> None:
    lazy, literal = both(drawing.for_simulator(drawn), *where)
    assert literal == lazy
