"""A trace as text: the header, every step on a line of its own, the lanes, and the verdict."""

from __future__ import annotations

from simulator.explore.verdict import Outcome
from simulator.report import verdict
from simulator.report.header import header
from simulator.report.instructions import instructions
from simulator.report.lanes import lanes
from simulator.report.result import Result
from simulator.report.table import fields
from simulator.report.words import Narrator

WIDTH = 100


def text(result: Result) -> str:
    """Return the whole execution; nothing is left out, however long it is."""
    parts = [
        header(result.name, result.title, result.built, WIDTH),
        "\n".join(instructions(Narrator(result.built), result.steps)),
        lanes(verdict.facts(result), result.built.subject.watch.patchers, WIDTH, turn=verdict.turn(result)),
        verdict.last_line(result, WIDTH),
        verdict.headline(result)
        if result.verdict.outcome is Outcome.VIOLATION
        else f"RAN: {len(result.steps):,} steps",
        fields(verdict.bounds(result.verdict), WIDTH),
        f"replay: {verdict.replay_command(result.replay)}" if result.replay else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
