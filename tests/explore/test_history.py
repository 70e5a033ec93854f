"""A timeline is one execution, whichever way one walks through it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.history import LENGTH, measured
from simulator.errors import ScheduleMismatch, SimulatorError
from simulator.explore.checker import check
from simulator.explore.history import Timeline
from simulator.explore.schedulers import scheduler
from simulator.explore.simulate import replay
from simulator.explore.subject import Subject
from simulator.machine.choice import Choice, Kind
from simulator.machine.engine import Engine
from simulator.machine.state import State
from simulator.scenario import Scenario
from simulator.scenario.build import build

_ENGINE = Engine()


def _subject(**fields: object) -> Subject:
    return build(Scenario(cpus=2, **fields), _ENGINE).subject  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def subject() -> Subject:
    return _subject()


@pytest.fixture(scope="module")
def counterexample() -> tuple[Subject, tuple[Choice, ...]]:
    broken = _subject(protocol="store8", placement=62)
    return broken, check(broken).schedule


def test_without_a_schedule_the_cpus_take_turns(subject: Subject) -> None:
    timeline = Timeline(subject)
    timeline.goto(6)
    assert [choice.cpu for choice in timeline.choices()] == [0, 1, 2, 0, 1, 2]


def test_a_schedule_is_followed_and_ends_where_replay_ends(
    counterexample: tuple[Subject, tuple[Choice, ...]],
) -> None:
    broken, choices = counterexample
    timeline = Timeline(broken, choices)
    timeline.goto(len(choices))
    assert timeline.steps == tuple(replay(broken, choices))


def test_findings_are_there_behind_the_violation_and_not_before_it(
    counterexample: tuple[Subject, tuple[Choice, ...]],
) -> None:
    broken, choices = counterexample
    timeline = Timeline(broken, choices)
    timeline.goto(len(choices))
    found = timeline.findings
    timeline.back()
    assert found and not timeline.findings


def test_stepping_back_shows_the_very_states_that_were_passed(subject: Subject) -> None:
    timeline = Timeline(subject, scheduler=scheduler("random", 3, 3))
    passed = [timeline.state]
    while timeline.position < 200 and timeline.forward() is not None:
        passed.append(timeline.state)
    back = [timeline.state]
    while timeline.back():
        back.append(timeline.state)
    assert all(one is other for one, other in zip(passed, reversed(back), strict=True))


def test_walking_on_takes_the_same_steps_again(subject: Subject) -> None:
    timeline = Timeline(subject, scheduler=scheduler("random", 3, 3))
    timeline.goto(100)
    steps = timeline.steps
    timeline.goto(20)
    timeline.goto(100)
    assert timeline.steps == steps


def test_another_choice_drops_what_lay_ahead(subject: Subject) -> None:
    timeline = Timeline(subject)
    timeline.goto(30)
    timeline.goto(10)
    taken = timeline.steps[10].choice
    timeline.take(next(choice for choice in timeline.enabled() if choice != taken))
    assert (timeline.known, timeline.forked_at) == (11, 10)


def test_the_same_choice_keeps_what_lies_ahead(subject: Subject) -> None:
    timeline = Timeline(subject)
    timeline.goto(30)
    timeline.goto(10)
    timeline.take(timeline.steps[10].choice)
    assert (timeline.known, timeline.forked_at) == (30, None)


def test_leaving_the_schedule_leaves_it_for_good(counterexample: tuple[Subject, tuple[Choice, ...]]) -> None:
    broken, choices = counterexample
    timeline = Timeline(broken, choices)
    timeline.goto(3)
    timeline.take(next(choice for choice in timeline.enabled() if choice != choices[3]))
    assert (timeline.scheduled, timeline.forked_at) == (3, 3)


def test_a_choice_that_is_not_enabled_changes_nothing(subject: Subject) -> None:
    timeline = Timeline(subject)
    timeline.goto(5)
    timeline.goto(2)
    with pytest.raises(SimulatorError, match="not enabled"):
        timeline.take(Choice(0, Kind.EVICT, 9))
    assert (timeline.position, timeline.known) == (2, 5)


def test_a_schedule_made_for_something_else_is_told_with_the_choices_there_were(subject: Subject) -> None:
    timeline = Timeline(subject, (Choice(0, Kind.EXECUTE), Choice(0, Kind.NMI)))
    with pytest.raises(ScheduleMismatch, match="step #2 of the replay is 0n, but the choices were: 0x"):
        timeline.goto(2)


def _with_rax(state: State, value: int) -> State:
    first = state.vcpus[0]
    return State(state.memory, (first._replace(general=(value, *first.general[1:])), *state.vcpus[1:]))


def test_an_edit_forks_and_stays_where_it_was_made(subject: Subject) -> None:
    timeline = Timeline(subject)
    timeline.goto(20)
    timeline.goto(10)
    timeline.edit(_with_rax(timeline.state, 0x1234), "rax of vCPU0 = 0x1234")
    assert (timeline.known, timeline.forked_at, timeline.edits) == (10, 10, ("rax of vCPU0 = 0x1234",))
    timeline.back()
    assert not timeline.edits
    timeline.forward()
    assert timeline.state.vcpus[0].general[0] == 0x1234


def test_an_edit_that_changes_nothing_is_none(subject: Subject) -> None:
    timeline = Timeline(subject)
    timeline.goto(20)
    timeline.goto(10)
    timeline.edit(timeline.state, "nothing")
    assert (timeline.known, timeline.edits) == (20, ())


@pytest.mark.slow
def test_a_history_of_100_000_transitions_fits_into_300_mib_and_back_costs_no_more_than_forwards() -> None:
    found = measured()
    assert LENGTH == 100_000 and found.mebibytes < 300
    assert found.back > found.new


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(("forward", "back", "other", "goto")), max_size=40), st.integers(0, 60))
def test_the_choices_so_far_always_lead_to_the_state_here(subject: Subject, moves: list[str], where: int) -> None:
    timeline = Timeline(subject)
    for move in moves:
        if move == "other":
            timeline.take(timeline.enabled()[-1])
        elif move == "goto":
            timeline.goto(where)
        else:
            timeline.forward() if move == "forward" else timeline.back()
    again = [*replay(subject, timeline.choices())]
    assert (again[-1].after if again else subject.initial) == timeline.state
