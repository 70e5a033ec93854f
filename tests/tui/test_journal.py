"""What happened, told step by step."""

from itertools import islice

from simulator.explore.history import Timeline
from simulator.explore.simulate import TraceStep
from simulator.explore.verdict import Verdict
from simulator.machine.choice import Kind
from simulator.report.words import Narrator
from simulator.scenario.build import Built
from simulator.tui.journal import Journal, Milestone


def steps(built: Built, verdict: Verdict, extra: int = 0) -> tuple[TraceStep, ...]:
    timeline = Timeline(built.subject, verdict.schedule)
    timeline.goto(len(verdict.schedule) + extra)
    return timeline.steps


def test_the_log_is_that_of_the_report(built: Built, verdict: Verdict) -> None:
    journal = Journal(Narrator(built))
    journal.follow(found := steps(built, verdict, extra=300))
    assert journal.facts == [*Narrator(built).facts(found)]


def test_telling_bit_by_bit_is_telling_at_once(built: Built, verdict: Verdict) -> None:
    bit_by_bit, at_once = Journal(Narrator(built)), Journal(Narrator(built))
    found = steps(built, verdict, extra=100)
    for end in range(len(found) + 1):
        bit_by_bit.follow(found[:end])
    at_once.follow(found)
    assert (bit_by_bit.facts, bit_by_bit.replaced) == (at_once.facts, at_once.replaced)


def test_after_a_fork_nothing_of_the_other_future_is_left(built: Built, verdict: Verdict) -> None:
    timeline = Timeline(built.subject, verdict.schedule)
    timeline.goto(18)
    journal = Journal(Narrator(built))
    journal.follow(timeline.steps)
    timeline.goto(0)
    timeline.take(next(choice for choice in timeline.enabled() if choice != timeline.ahead))
    timeline.goto(30)
    journal.follow(timeline.steps)
    assert journal.facts == [*Narrator(built).facts(timeline.steps)]


def test_every_step_of_the_protocol_is_a_milestone(built: Built) -> None:
    timeline, journal = Timeline(built.subject), Journal(Narrator(built))
    timeline.goto(400)
    journal.follow(timeline.steps)
    assert built.routine is not None
    assert [each.name for each in journal.milestones][:7] == [*(piece.name for piece in built.routine.pieces), "done"]


def test_the_milestone_of_a_step_is_the_last_one_up_to_it(built: Built, verdict: Verdict) -> None:
    journal = Journal(Narrator(built))
    journal.follow(steps(built, verdict))
    first, second = islice(journal.milestones, 2)
    assert [journal.milestone(number, 1) for number in (first.number - 1, first.number, second.number)] == [
        None, first, second,
    ]  # fmt: skip
    assert isinstance(first, Milestone)


def test_bytes_are_remembered_when_memory_loses_them(built: Built, verdict: Verdict) -> None:
    journal, found = Journal(Narrator(built)), steps(built, verdict)
    journal.follow(found)
    first = journal.replaced[0]
    assert (found[first.number - 1].choice.kind, first.old) == (Kind.COMMIT, b"\x0f")
