"""Litmus tests made of random cycles agree with the brute-force oracle."""

from functools import cache

import pytest

from simulator.errors import LitmusError
from simulator.litmus.build import build
from simulator.litmus.generate import Cycle, generate
from simulator.litmus.outcomes import Outcomes
from simulator.litmus.parse import parse
from simulator.litmus.test import Litmus
from simulator.machine.profiles import INCLUSIONS, PROFILES, Age, Profile
from simulator.x86.decode import Vendor
from simulator.x86.registers import GENERAL
from tests.oracle.litmus import outcomes as of_the_oracle
from tests.semantics.guests import engine

FIRST = GENERAL.index("r8")
FEW, MANY = 40, 200
STANDING = ("coherent", "zen3", "stale64")
"""One profile for each age of a fetch: sites of one granule do not tell the others apart."""


@cache
def cycles(number: int, seed: int) -> tuple[tuple[Cycle, Litmus], ...]:
    return generate(number, seed)


def of_the_simulator(cycle: Cycle, litmus: Litmus, profile: str) -> frozenset[tuple[int, ...]]:
    """Return what the reads of every execution saw, one CPU after the other."""
    reads = [sum(operation.split()[0] in ("load", "exec") for operation in program) for program in cycle.programs]
    return frozenset(
        tuple(
            value
            for vcpu, number in zip(final.state.vcpus, reads, strict=True)
            for value in vcpu.general[FIRST : FIRST + number]
        )
        for final in Outcomes(build(litmus, profile, engine())).finals
    )


def expected(cycle: Cycle, profile: Profile) -> frozenset[tuple[int, ...]]:
    age = {Age.NOW: "0", Age.QUEUE: "Q", Age.HELD: "P"}[profile.age]
    return of_the_oracle(*cycle.programs, age=age, amd=profile.vendor is Vendor.AMD)


@pytest.mark.parametrize("profile", STANDING)
def test_the_oracle_agrees_about_every_outcome_of_random_cycles(profile: str) -> None:
    wrong = [
        cycle.edges
        for cycle, litmus in cycles(FEW, 1)
        if of_the_simulator(cycle, litmus, profile) != expected(cycle, PROFILES[profile])
    ]
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("profile", STANDING)
def test_the_oracle_agrees_about_every_outcome_of_two_hundred_cycles(profile: str) -> None:
    wrong = [
        cycle.edges
        for cycle, litmus in cycles(MANY, 2)
        if of_the_simulator(cycle, litmus, profile) != expected(cycle, PROFILES[profile])
    ]
    assert wrong == []


def test_every_outcome_of_a_fetch_model_is_one_of_every_higher_one() -> None:
    wrong = []
    for cycle, litmus in cycles(FEW, 1)[:12]:
        found = {
            name: of_the_simulator(cycle, litmus, name) for name, profile in PROFILES.items() if not profile.strict
        }
        wrong += [(cycle.edges, low, high) for low, high in INCLUSIONS if not found[low] <= found[high]]
    assert wrong == []


def test_a_seed_makes_the_same_tests_again() -> None:
    assert [cycle.text("t") for cycle, _ in generate(10, 5)] == [cycle.text("t") for cycle, _ in generate(10, 5)]


def test_no_two_tests_of_a_seed_are_the_same() -> None:
    texts = [cycle.text("t") for cycle, _ in cycles(FEW, 1)]
    assert len(set(texts)) == FEW


def test_a_cycle_that_is_written_down_reads_as_the_same_test() -> None:
    cycle, litmus = cycles(FEW, 1)[0]
    assert parse(cycle.text(litmus.name), litmus.name) == litmus


def test_cycles_have_fetches_loads_and_everything_that_may_stand_between() -> None:
    words = {operation.split()[0] for cycle, _ in cycles(FEW, 1) for program in cycle.programs for operation in program}
    assert words == {"store", "load", "exec", "mfence", "lfence", "lock", "cpuid"}


def test_more_cycles_than_are_found_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.litmus.generate._PATIENCE", 1)
    with pytest.raises(LitmusError, match="ask for fewer"):
        generate(10_000, 1)
