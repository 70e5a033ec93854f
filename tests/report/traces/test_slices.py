"""Functions and handlers as nested slices, read off calls, returns and deliveries."""

from itertools import combinations

from simulator.report.recording import Recording
from simulator.report.slices import Slice


def within(inner: Slice, recording: Recording) -> list[str]:
    """Return the names of the slices around one, the outermost first."""
    around = [
        each
        for each in recording.slices
        if each.cpu == inner.cpu and each.depth < inner.depth and each.start <= inner.start and inner.end <= each.end
    ]
    return [each.name for each in sorted(around, key=lambda each: each.depth)]


def test_slices_of_a_cpu_lie_inside_each_other_or_apart(recording: Recording) -> None:
    crossing = [
        (one, other)
        for one, other in combinations(recording.slices, 2)
        if one.cpu == other.cpu and one.start < other.start <= one.end < other.end
    ]
    assert crossing == []


def test_every_slice_below_the_top_stands_in_one_of_the_depth_above(recording: Recording) -> None:
    assert [each for each in recording.slices if len(within(each, recording)) < each.depth] == []


def test_a_called_function_stands_in_its_caller(handled: Recording) -> None:
    called = next(each for each in handled.slices if each.name == "answer")
    assert within(called, handled)[-1] == "workload_caller"


def test_a_handler_holds_what_it_calls_and_ends_with_its_iret(handled: Recording) -> None:
    handler = next(each for each in handled.slices if each.name == "#BP")
    told = [fact.text for moment in handled.moments if moment.number == handler.end for fact in moment.facts]
    inside = [each.name for each in handled.slices if "#BP" in within(each, handled)]
    assert told[0].startswith("IRET to ")
    assert {"entry_bp", "int3_emulate"} <= set(inside)


def test_the_patchers_routine_holds_the_steps_of_the_protocol_in_order(handled: Recording) -> None:
    steps = [each for each in handled.slices if each.kind == "step"]
    assert [each.name.partition(".")[0] for each in steps] == [str(number) for number in range(1, len(steps) + 1)]
    assert {tuple(within(each, handled)[-1:]) for each in steps} == {("patcher",)}


def test_an_iret_that_only_serializes_ends_no_handler(handled: Recording) -> None:
    handler = next(each for each in handled.slices if each.name == "sync IPI")
    returns = [
        moment.number
        for moment in handled.moments
        if moment.cpu == handler.cpu and handler.start <= moment.number <= handler.end
        for fact in moment.facts
        if fact.text.startswith("IRET")
    ]
    assert len(returns) == 2
    assert returns[-1] == handler.end
