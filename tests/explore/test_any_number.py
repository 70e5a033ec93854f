"""Any number of CPUs at once: never called safe where some number of CPUs is not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from simulator.explore.any_number.proof import prove
from simulator.explore.checker import Limits, Options, check
from simulator.explore.subject import Subject
from simulator.explore.verdict import Outcome
from simulator.machine.engine import Engine
from simulator.scenario.any_number import Answer, Family, check_any, prepare_family
from simulator.scenario.build import Guest, configure, prepare
from simulator.scenario.catalogue import find, names
from simulator.scenario.scenario import Scenario
from tests.semantics.guests import engine

LIMITS = Limits(states=20_000)
PLAIN = Scenario(placement=62)


@cache
def family(name: str) -> Family:
    return prepare_family(find(name).scenario, engine())


@cache
def guest(name: str, cpus: int) -> Guest:
    return prepare(replace(find(name).scenario, cpus=cpus), engine())


def proven(name: str, fetch: str) -> bool:
    made = family(name)
    singles = [configure(single, fetch, engine()).subject for single in made.singles]
    return prove(singles, configure(made.several, fetch, engine()).subject).proven


def answer(scenario: Scenario, fetch: str) -> Answer:
    made = prepare_family(scenario, engine())
    return check_any(made, fetch, engine(), lambda built: check(built.subject, Options(limits=LIMITS)))


WITH_CPUS = [name for name in names() if find(name).scenario.cpus]


@pytest.mark.parametrize("name", WITH_CPUS)
def test_what_is_proven_for_any_number_is_safe_for_one_to_four(name: str) -> None:
    """Four only where three were few enough."""
    if not proven(name, "stale8"):
        return
    for cpus in (1, 2, 3, 4):
        found = check(configure(guest(name, cpus), "stale8", engine()).subject, Options(limits=LIMITS))
        assert found.outcome in (Outcome.SAFE, Outcome.INCOMPLETE), (cpus, found.finding)
        if found.statistics.states > 2_000:
            return


@pytest.mark.parametrize("fetch", ["coherent", "line64", "zen3", "fifo8", "byte1", "stale8", "stale1", "intel-strict"])
def test_text_poke_across_a_line_is_proven_for_any_number(fetch: str) -> None:
    found = answer(PLAIN, fetch)
    assert (found.verdict.outcome, found.verdict.bounds.cpus) == (Outcome.SAFE, None)


def test_a_violation_that_one_cpu_shows_is_reported_with_one_cpu() -> None:
    found = answer(replace(PLAIN, protocol="text-poke-none"), "line64")
    assert (found.verdict.outcome, found.built.scenario.cpus) == (Outcome.VIOLATION, 1)


def test_a_violation_that_needs_two_cpus_is_not_called_safe() -> None:
    """The patcher of this machine waits for one acknowledgement only, however many CPUs there are."""
    single = configure(prepare(PLAIN, engine()), "stale8", engine()).subject
    careless = _waiting_for_one(prepare(replace(PLAIN, cpus=2), engine()))
    assert check(careless).outcome is Outcome.VIOLATION
    proof = prove([single], careless)
    assert not proof.proven and "several CPUs" in proof.reason


def _waiting_for_one(prepared: Guest) -> Subject:
    """Change what the routine compares the counter with: 2 k acknowledgements become k."""
    routine = prepared.routine
    assert routine is not None
    code = bytearray(routine.code)
    for piece in routine.pieces:
        if "sync" in piece.name:
            low, high = piece.start - routine.address, piece.end - routine.address
            at = code.index(b"\x83\xf8", low, high) + 2  # cmp eax, imm8
            code[at] //= 2
    pages = {**prepared.boot.pages()}
    for offset, byte in enumerate(code):
        page, place = divmod(routine.address + offset, 4096)
        data = bytearray(pages[page])
        data[place] = byte
        pages[page] = bytes(data)
    image = prepared.boot.rebased()
    image._pages = pages
    return configure(replace(prepared, boot=image), "stale8", Engine()).subject


def test_handlers_that_count_in_memory_of_their_own_cpu_are_beyond_the_rule() -> None:
    """The patcher of ``batch`` waits for a counter of each CPU, so CPUs can be told apart by what it waits for."""
    proof = answer(replace(find("batch").scenario, cpus=1), "coherent").proof
    assert not proof.proven and proof.reason


def test_nothing_is_proven_where_nothing_was_exercised() -> None:
    scenario = Scenario(workload="workload_idle", patch="answer", functions=("answer",))
    found = answer(scenario, "coherent")
    assert found.verdict.outcome is not Outcome.SAFE
