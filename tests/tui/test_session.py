"""Moving through a history."""

import pytest

from simulator.cli.walk import Walk
from simulator.errors import SimulatorError
from simulator.explore.history import Timeline
from simulator.explore.properties import Finding
from simulator.explore.schedule import parse
from simulator.explore.verdict import Verdict
from simulator.report.words import Narrator
from simulator.scenario.build import Built
from simulator.tui import stops
from simulator.tui.session import Session
from simulator.tui.stops import Stop
from tests.tui.conftest import finish


def units(session: Session) -> dict[str, Stop]:
    machine = session.timeline.subject.machine
    return {
        "step": stops.always, "instruction": stops.instruction, "visible": stops.visible(machine),
        "protocol": stops.protocol_step(session.narrator), "of a CPU": stops.of_cpu(1, stops.instruction),
    }  # fmt: skip


UNITS = ("step", "instruction", "visible", "protocol", "of a CPU")


def positions(session: Session, stop: Stop, count: int) -> list[int]:
    found = []
    for _ in range(count):
        finish(session.forward(stop, "stop"))
        found.append(session.timeline.position)
    return found


@pytest.mark.parametrize("unit", UNITS)
def test_back_stops_where_forward_did(session: Session, unit: str) -> None:
    stop = units(session)[unit]
    forwards, backwards = positions(session, stop, 4), []
    for _ in range(4):
        backwards.append(session.timeline.position)
        finish(session.back(stop, "stop"))
    assert backwards[::-1] == forwards
    assert session.timeline.position == 0


@pytest.mark.parametrize("unit", UNITS)
def test_every_stop_is_further_on(session: Session, unit: str) -> None:
    found = positions(session, units(session)[unit], 4)
    assert found == sorted({*found})


def test_a_protocol_step_is_its_first_instruction(session: Session) -> None:
    finish(session.forward(units(session)["protocol"], "protocol step"))
    first = session.scene().journal.milestones[0]
    assert (first.name, first.number) == ("1. arm", session.timeline.position)


def test_running_to_the_violation_ends_at_the_end_of_the_counterexample(session: Session, verdict: Verdict) -> None:
    assert finish(session.forward(stops.violation(session.findings), "violation")) == ""
    assert session.timeline.position == len(verdict.schedule)


def test_a_patcher_that_waits_for_ever_is_a_violation_where_the_schedule_ends(built: Built) -> None:
    timeline = Timeline(built.subject, built.subject.machine.choices(built.subject.initial)[:1])
    session = Session("waits", Narrator(built), timeline, str, Finding("progress", "stuck", 1, 0))
    finish(session.forward(stops.violation(session.findings), "violation"))
    assert (timeline.position, [each.property for each in session.scene().findings]) == (1, ["progress"])


def test_after_a_fork_the_end_of_the_schedule_is_forgotten(built: Built) -> None:
    first, other = built.subject.machine.choices(built.subject.initial)[:2]
    session = Session("waits", Narrator(built), Timeline(built.subject, (first,)), str, Finding("progress", "", 1, 0))
    session.choose(other)
    assert session.scene().findings == ()


def test_a_stop_that_never_comes_leaves_the_session_where_it_was(session: Session) -> None:
    finish(session.goto(3))
    told = finish(session.forward(lambda step: False, "miracle"))
    assert session.timeline.position == 3
    assert told.startswith("no miracle between #3 and #")


def test_what_was_seen_in_vain_stays_known(session: Session) -> None:
    finish(session.forward(lambda step: False, "miracle"))
    assert session.timeline.known > session.timeline.scheduled


def test_a_search_finds_what_the_log_says(session: Session) -> None:
    finish(session.forward(stops.matching(session.narrator, "FF 21 40 visible"), "text"))
    assert session.timeline.position == 17


def test_a_search_finds_source_lines(session: Session) -> None:
    finish(session.forward(stops.matching(session.narrator, "kernel.c"), "text"))
    assert session.timeline.last is not None


def test_another_choice_forks_and_says_so(session: Session) -> None:
    session.timeline.goto(18)
    session.timeline.goto(10)
    other = next(each for each in session.timeline.enabled() if each != session.timeline.ahead)
    assert session.choose(other) == "forked at #11: 8 steps that lay ahead are gone"


def test_the_choice_of_the_schedule_does_not_fork(session: Session) -> None:
    session.timeline.goto(10)
    ahead = session.timeline.ahead
    assert ahead is not None
    assert session.choose(ahead) == ""


def test_the_replay_string_leads_to_where_the_session_stands(session: Session, walk: Walk) -> None:
    finish(session.goto(12))
    assert parse(session.replay()).choices == walk.timeline.choices()


def test_going_far_beyond_what_is_known_is_refused(session: Session) -> None:
    with pytest.raises(SimulatorError, match="beyond what is known"):
        finish(session.goto(session.limit + 100))


def test_a_move_that_is_given_up_leaves_a_usable_session(session: Session) -> None:
    move = session.goto(900)
    next(move)
    move.close()
    assert session.scene().position == session.timeline.position > 0
