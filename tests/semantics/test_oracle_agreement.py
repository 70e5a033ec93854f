"""Random protocols, placements and profiles: the simulator's verdict is the one of the oracle.

The oracle (tests/oracle) is a second writing of the rules R1 to R7, on five abstract bytes and without
handlers, stacks or instructions. It is given the bytes of the guest and a disassembler to find where the
mixtures of old and new end, because under the strict profile it matters which bytes a torn instruction covers.
"""

from functools import cache
from unittest.mock import patch

import capstone
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from simulator.machine.profiles import PROFILES
from simulator.scenario.build import Guest, prepare
from simulator.scenario.scenario import Scenario
from tests.oracle import explore as search
from tests.oracle import model
from tests.semantics import drawing
from tests.semantics.drawing import Drawn
from tests.semantics.guests import BYTES, built, collected, engine

LABELS = {
    ("integrity", "undefined"): "UB",
    ("integrity", "torn"): "torn",
    ("traps", "unclaimed-int3"): "nohandler",
    ("freshness", "old"): "old",
    ("freshness", "int3"): "int3",
    ("freshness", "self"): "self",
}


@cache
def disassembler() -> capstone.Cs:
    return capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)


@cache
def whole(read: bytes) -> bytes:
    """The instruction at the start of these bytes; all five where it would go on behind them."""
    found = next(disassembler().disasm_lite(read, 0), None)
    if found is not None:
        return read[: found[1]]
    return read if len(read) == model.SITE else b""


def guest_of(drawn: tuple[Drawn, ...], placement: int) -> Guest:
    workload = "workload_stoppable" if drawing.stops(drawn) else "workload_caller"
    scenario = Scenario(
        protocol=drawing.for_simulator(drawn), placement=placement, workload=workload, properties=BYTES,
    )  # fmt: skip
    return prepare(scenario, engine())


def of_the_oracle(drawn: tuple[Drawn, ...], placement: int, letter: str, new: bytes) -> frozenset[str]:
    profile = model.PROFILES[letter]
    kinds = {model.OLD: "old", new: "new", model.INT3: "int3", model.SELF: "self"}
    geometry = model.Geometry.of(placement, profile)
    with patch.multiple(search, KINDS=kinds, instruction=whole):
        result = search._search.__wrapped__(drawing.for_oracle(drawn, new), geometry, profile, 1, 3, 1)
    return result.labels


def of_the_simulator(guest: Guest, profile: str) -> frozenset[str]:
    """An exception can only come of what was torn or undefined; the oracle does not execute that."""
    found = collected(built(guest, profile).subject).all_findings
    labels = frozenset(LABELS[each] for each in found if each in LABELS)
    others = [kind for kind in found if kind not in LABELS]
    assert all(kind.startswith("exception-") for _, kind in others), others
    assert not others or labels & {"UB", "torn"}, others
    return labels


def compare(drawn: tuple[Drawn, ...], placement: int, profile: str) -> frozenset[str]:
    guest = guest_of(drawn, placement)
    new = guest.sites[0].versions[1]
    expected = of_the_oracle(drawn, placement, PROFILES[profile].letter, new)
    found = of_the_simulator(guest, profile)
    assert found == expected, f"the simulator says {sorted(found)}, the oracle {sorted(expected)}"
    return found


CASES = given(
    drawn=drawing.PROTOCOLS, placement=st.sampled_from(drawing.LOCATIONS), profile=st.sampled_from(tuple(PROFILES))
)
COMMON = {"derandomize": True, "deadline": None, "print_blob": True, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=100, **COMMON)
@CASES
def test_the_oracle_agrees_about_random_protocols(drawn: tuple[Drawn, ...], placement: int, profile: str) -> None:
    event(", ".join(sorted(compare(drawn, placement, profile))) or "safe")


@pytest.mark.slow
@settings(max_examples=300, **COMMON)
@CASES
def test_the_oracle_agrees_about_many_more(drawn: tuple[Drawn, ...], placement: int, profile: str) -> None:
    compare(drawn, placement, profile)
