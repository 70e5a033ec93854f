"""A shrunk schedule is never longer and ends in the same violation, whatever it was made from."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import ScheduleError
from simulator.explore.properties import Finding
from simulator.explore.remembered import remembering
from simulator.explore.schedulers import scheduler
from simulator.explore.shrink import kind_of, shrink, switches
from simulator.explore.simulate import replay, run
from simulator.explore.subject import Subject
from simulator.machine.choice import Choice
from simulator.machine.engine import Engine
from simulator.scenario import Scenario
from simulator.scenario.build import build
from simulator.scenario.catalogue import find

UNSAFE = {
    "torn": Scenario(protocol="text-poke-none", placement=62, properties=("integrity",)),
    "unclaimed": find("disarm-without-last-sync").scenario,
    "stale": Scenario(protocol="store8", placement=0, fetch="stale64"),
}


@cache
def subject(name: str) -> Subject:
    return remembering(build(UNSAFE[name], Engine()).subject)


@cache
def violated(name: str, by: str, seed: int) -> tuple[Choice, ...]:
    """The first violating schedule of a scheduler, from a seed on."""
    ours = subject(name)
    cpus = len(ours.initial.vcpus)
    for number in range(seed, seed + 200):
        steps = [*run(ours, scheduler(by, number, cpus, ours.watch), 1_000, 100)]
        if steps[-1].findings:
            return tuple(step.choice for step in steps)
    raise AssertionError(f"{by} finds nothing in {name}")


def end(name: str, choices: tuple[Choice, ...]) -> Finding:
    """The finding that a schedule ends in; there is none before."""
    *early, last = replay(subject(name), choices)
    assert not any(step.findings for step in early)
    return last.findings[0]


CASES = st.tuples(st.sampled_from([*UNSAFE]), st.sampled_from(["random", "pct", "weighted"]), st.integers(0, 20))


@settings(max_examples=8, deadline=None)
@given(CASES)
def test_what_is_left_replays_to_the_same_violation(case: tuple[str, str, int]) -> None:
    choices = violated(*case)
    assert kind_of(end(case[0], shrink(subject(case[0]), choices))) == kind_of(end(case[0], choices))


@settings(max_examples=8, deadline=None)
@given(CASES)
def test_what_is_left_is_never_longer(case: tuple[str, str, int]) -> None:
    choices = violated(*case)
    assert len(shrink(subject(case[0]), choices)) <= len(choices)


@settings(max_examples=6, deadline=None)
@given(CASES)
def test_no_single_choice_can_go_any_more(case: tuple[str, str, int]) -> None:
    once = shrink(subject(case[0]), violated(*case))
    assert shrink(subject(case[0]), once) == once


def test_a_schedule_is_shrunk_to_the_same_one_every_time() -> None:
    choices = violated("torn", "random", 3)
    assert shrink(subject("torn"), choices) == shrink(build(UNSAFE["torn"], Engine()).subject, choices)


def test_steps_that_nothing_comes_of_are_dropped() -> None:
    wasted = max((violated("unclaimed", "pct", seed) for seed in range(4)), key=len)
    assert 2 * len(shrink(subject("unclaimed"), wasted)) < len(wasted)


def test_context_switches_that_change_nothing_are_taken_out() -> None:
    choices = violated("torn", "random", 3)
    assert switches(shrink(subject("torn"), choices)) < switches(choices)


def test_a_schedule_that_ends_in_nothing_cannot_be_shrunk() -> None:
    with pytest.raises(ScheduleError, match="nothing to shrink"):
        shrink(subject("torn"), violated("torn", "random", 3)[:-1])
