"""Every reduction switched off, and the oracle's memo too: the same violations and the same final states."""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.explore.checker import final_states
from simulator.explore.reductions import Reductions
from simulator.explore.subject import Subject
from simulator.machine.engine import Engine
from simulator.machine.memory import Cells
from simulator.machine.symmetry import renamed
from simulator.machine.vcpu import IF, VCpu
from simulator.patching.steps import Protocol
from simulator.scenario.build import Guest, configure, prepare
from simulator.scenario.catalogue import find
from simulator.scenario.scenario import Scenario
from tests.semantics import drawing
from tests.semantics.drawing import Drawn
from tests.semantics.guests import built, engine, findings, reductions

OFF = Reductions(merge=False, interrupts=False, dead=False, ahead=False, late=False, registers=False, symmetry=False)
ONCE = "workload_caller_once"

# Protocol, CPUs, profile, placement; all end, so that there are final states. What makes them small enough for a
# search by single instructions of two CPUs is that there is no sync.
SMALL = (
    ("text-poke-13", 1, "stale8", 62),
    ("text-poke-3", 1, "fifo8", 62),
    ("text-poke-none", 1, "intel-strict", 0),
    ("text-poke-none", 1, "byte1", 62),
    ("disarm-early", 1, "coherent", 0),
    ("store8", 1, "stale8", 5),
    ("wait-refs", 1, "line64", 62),
    ("jmp-self", 1, "stale64", 60),
    ("store8", 2, "zen3", 62),
    ("store8", 2, "stale8", 5),
    ("locked-store8", 2, "line64", 62),
    ("naive-copy", 2, "coherent", 0),
)


# Shipped scenarios in which NMIs are sent, NMIs arrive, and a timer expires.
INTERRUPTED = (
    ("disarm-after-nmi", "coherent"),
    ("lock-irqsave", "coherent"),
    pytest.param("two-nmis", "coherent", marks=pytest.mark.slow),
)


@cache
def guest(protocol: str, cpus: int, placement: int) -> Guest:
    return prepare(Scenario(protocol=protocol, workload=ONCE, cpus=cpus, placement=placement), engine())


def subject(protocol: str, cpus: int, profile: str, placement: int) -> Subject:
    return built(guest(protocol, cpus, placement), profile).subject


Ends = frozenset[tuple[Cells, tuple[VCpu, ...]]]


def ends(searched: Subject, how: Reductions) -> Ends:
    """Final states, twins in one order: a search with symmetry keeps one state of each orbit."""
    group, layouts = searched.interchangeable, searched.machine.layouts

    def orbit(vcpus: tuple[VCpu, ...]) -> tuple[VCpu, ...]:
        twins = sorted((renamed(vcpus[cpu], layouts[group[0]]) for cpu in group), key=repr)
        return (*twins, *(vcpu for vcpu in vcpus if vcpu.number not in group))

    return frozenset((state.memory, orbit(state.vcpus)) for state in final_states(searched, how))


def without_registers(found: Ends) -> Ends:
    """Final states without what nobody will read: there, all registers, flags and private words."""
    return frozenset(
        (memory, tuple(vcpu._replace(general=(), rflags=vcpu.rflags & IF, private=()) for vcpu in vcpus))
        for memory, vcpus in found
    )


def off_or_on() -> tuple[Reductions, ...]:
    return tuple(reductions())


@pytest.mark.parametrize("case", SMALL, ids=lambda case: "-".join(str(part) for part in case))
def test_the_violations_are_the_same_whatever_is_switched_off(case: tuple[str, int, str, int]) -> None:
    searched = subject(*case)
    expected = findings(searched, OFF)
    assert {how: findings(searched, how) for how in off_or_on()} == dict.fromkeys(off_or_on(), expected)


@pytest.mark.parametrize("case", SMALL, ids=lambda case: "-".join(str(part) for part in case))
def test_the_final_states_are_the_same_whatever_is_switched_off(case: tuple[str, int, str, int]) -> None:
    searched = subject(*case)
    expected = ends(searched, OFF)
    assert expected
    for how in off_or_on():
        if how.registers:
            assert without_registers(ends(searched, how)) == without_registers(expected), how
        else:
            assert ends(searched, how) == expected, how


@pytest.mark.parametrize(("name", "profile"), INTERRUPTED)
def test_interrupts_from_anywhere_are_not_noticed_either(name: str, profile: str) -> None:
    searched = built(prepare(find(name).scenario, engine()), profile).subject
    assert findings(searched) == findings(searched, OFF)


@pytest.mark.parametrize("case", SMALL[:4], ids=lambda case: "-".join(str(part) for part in case))
def test_an_oracle_without_memo_gives_the_same_violations_and_final_states(case: tuple[str, int, str, int]) -> None:
    protocol, cpus, profile, placement = case
    remembered = subject(*case)
    forgetful = configure(guest(protocol, cpus, placement), profile, Engine(memo=False)).subject
    on = Reductions()
    assert findings(forgetful) == findings(remembered)
    assert ends(forgetful, on) == ends(remembered, on)


def test_an_oracle_without_memo_asks_every_time() -> None:
    forgetful, remembering = Engine(memo=False), Engine()
    for asked in (forgetful, remembering):
        searched = configure(guest("store8", 1, 0), "coherent", asked).subject
        findings(searched)
        first = asked.asked
        findings(searched)
        assert (asked.asked == first) is (asked is remembering)


COARSE = ("coherent", "line64", "zen3", "qword8", "fifo8", "stale64", "stale8", "intel-strict")
"""All but those of single bytes, whose searches by single instructions are long."""

COMMON = {"derandomize": True, "deadline": None, "print_blob": True, "suppress_health_check": list(HealthCheck)}


def random_subject(drawn: tuple[Drawn, ...], cpus: int, profile: str, placement: int) -> Subject:
    protocol: Protocol = drawing.for_simulator(drawn)
    return built(
        prepare(Scenario(protocol=protocol, workload=ONCE, cpus=cpus, placement=placement), engine()), profile
    ).subject


@settings(max_examples=8, **COMMON)
@given(
    drawn=st.one_of(drawing.near_text_poke(), drawing.FREE),
    placement=st.sampled_from((0, 5, 62)),
    profile=st.sampled_from(COARSE),
)
def test_one_cpu_and_a_random_protocol_do_not_notice(drawn: tuple[Drawn, ...], placement: int, profile: str) -> None:
    searched = random_subject(drawn, 1, profile, placement)
    assert findings(searched) == findings(searched, OFF)
    assert without_registers(ends(searched, Reductions())) == without_registers(ends(searched, OFF))
    assert ends(searched, Reductions(registers=False)) == ends(searched, OFF)


@settings(max_examples=8, **COMMON)
@given(
    drawn=st.lists(drawing.STORES, min_size=1, max_size=2).map(tuple),
    placement=st.sampled_from((0, 5, 62)),
    profile=st.sampled_from(COARSE),
)
def test_two_cpus_and_random_stores_do_not_notice(drawn: tuple[Drawn, ...], placement: int, profile: str) -> None:
    searched = random_subject(drawn, 2, profile, placement)
    assert findings(searched) == findings(searched, OFF)
    assert without_registers(ends(searched, Reductions())) == without_registers(ends(searched, OFF))
    assert ends(searched, Reductions(registers=False)) == ends(searched, OFF)
