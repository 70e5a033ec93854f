"""A verdict in text: what holds and what that was shown for, or how it breaks, and what to type next."""

from __future__ import annotations

import shlex

from simulator.explore.schedule import format_choices
from simulator.explore.verdict import Outcome, Verdict
from simulator.report.finding import message
from simulator.report.header import vcpus
from simulator.report.lanes import lanes
from simulator.report.result import Result
from simulator.report.table import WIDTH, fields, wrap
from simulator.report.words import Fact, Narrator

_MEANING = {
    Outcome.SAFE: "no schedule violates what was asked",
    Outcome.VACUOUS: "no violation, but something that had to happen never did, so this proves nothing",
    Outcome.INCOMPLETE: "the search was stopped; nothing wrong so far",
    Outcome.UNPROVEN: "no proof for every number of CPUs, and nothing wrong found",
}


def headline(result: Result) -> str:
    """Return the verdict as one line that begins with it."""
    verdict = result.verdict
    word = verdict.outcome.value.upper().replace("-", " ")
    if verdict.outcome is Outcome.VIOLATION and verdict.finding is not None:
        meaning = f"{verdict.finding.property} ({verdict.finding.kind})"
    else:
        meaning = _MEANING.get(verdict.outcome, "")
    notes = [note for note in (result.remark, "spec-only" if result.spec_only else "") if note]
    return f"{word}: {meaning}" + (f" [{', '.join(notes)}]" if notes else "")


def full(result: Result, width: int = WIDTH, *, time: bool = False) -> str:
    """Return everything about a checked scenario below its header."""
    parts = [*_trace(result, width), "\n".join(wrap(headline(result), width, "", "  "))]
    parts.append(fields(bounds(result.verdict, time=time), width))
    if result.verdict.unmet:
        parts.append("\n".join(["never happened in any schedule:", *(f"  {name}" for name in result.verdict.unmet)]))
    if result.verdict.outcome is Outcome.VIOLATION:
        parts.append(f"replay: {replay_command(result.replay)}")
    return "\n\n".join(parts)


def counterexample(result: Result, width: int = WIDTH) -> str:
    """Return a violation as lanes, its last line and the command that replays it."""
    return "\n\n".join([*_trace(result, width), f"replay: {replay_command(result.replay)}"])


def last_line(result: Result, width: int = WIDTH) -> str:
    """Return what is wrong, in the manner of an Oops."""
    found = message(result)
    return "\n".join(wrap(found, width, "", "  ")) if found else ""


def replay_command(replay: str) -> str:
    """Return what to type to see the execution again; it stays on one line, to be copied."""
    return f"kgraft-sim replay {shlex.quote(replay)}"


def _trace(result: Result, width: int) -> list[str]:
    if result.verdict.finding is None:
        return []
    return [
        lanes(facts(result), result.built.subject.watch.patchers, width, turn=turn(result)),
        last_line(result, width),
    ]


def facts(result: Result) -> list[Fact]:
    """Return the facts of an execution; what repeats for ever is told anew, whatever was said before."""
    narrator, stem = Narrator(result.built), turn(result)
    if stem is None:
        return list(narrator.facts(result.steps))
    return [*narrator.facts(result.steps[:stem]), *narrator.facts(result.steps[stem:])]


def turn(result: Result) -> int | None:
    """Return the number of the step behind which an execution repeats itself for ever; None if it does not."""
    return len(result.steps) - result.verdict.loop if result.verdict.loop else None


def bounds(verdict: Verdict, *, time: bool = False) -> list[tuple[str, str]]:
    """Return what a verdict holds for, as pairs of a name and a text."""
    held, done = verdict.bounds, verdict.statistics
    explored = (
        f"{done.transitions:,} transitions, {done.states:,} states, depth {done.depth}, {done.frontier:,} states left"
    )
    if held.cpus is None:
        explored = f"{done.transitions:,} transitions, {done.states:,} views"
    return [
        ("bounds", f"{vcpus(held.cpus, held.patchers)}; fetch {held.profile}, data {held.data_model}"),
        ("properties", ", ".join(held.properties)),
        ("reductions", ", ".join((*held.reductions, *held.notes)) or "none"),
        ("explored", explored),
        ("reason" if held.cpus is None else "stopped by", verdict.stopped_by),
        ("trace", format_choices(verdict.schedule) if verdict.outcome is Outcome.UNPROVEN else ""),
        ("seconds", f"{done.seconds:.2f}" if time else ""),
    ]
