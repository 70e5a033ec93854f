"""The verdict table as one HTML file: a cell that is not plainly safe leads to a counterexample below the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.explore.verdict import Outcome
from simulator.report import verdict
from simulator.report.finding import message
from simulator.report.html import template
from simulator.report.lanes import lanes
from simulator.report.result import Result
from simulator.scenario.matrix import Cell

_LANES = 110
"""Characters in a line of a counterexample."""


def link_of(cell: Cell) -> str:
    """Return where the page has the counterexample of a cell: equal words of a row share it."""
    return f"{cell.protocol}+{cell.placement}+{cell.text}"


def to_show(found: Sequence[Cell]) -> list[Cell]:
    """Return the cells whose counterexamples the page needs: for each word of a row the first that has one."""
    first = {link_of(cell): cell for cell in reversed(found) if cell.verdict.all_findings}
    return list(reversed(first.values()))


def matrix_page(found: Sequence[Cell], shown: Mapping[str, Result]) -> str:
    """Return the page; ``shown`` has the counterexamples by ``link_of`` their cells."""
    rows: dict[tuple[str, int], list[dict[str, str]]] = {}
    for cell in found:
        link = link_of(cell)
        entry = {"text": cell.text, "tone": _tone(cell), "link": link if link in shown else ""}
        rows.setdefault((cell.protocol, cell.placement), []).append(entry)
    return str(template("matrix.html.j2").render(
        profiles=list(dict.fromkeys(cell.profile for cell in found)), rows=rows,
        shown=[(link, _section(result)) for link, result in shown.items()],
    ))  # fmt: skip


def _tone(cell: Cell) -> str:
    if cell.verdict.outcome is Outcome.INCOMPLETE:
        return "open"
    return "good" if cell.text.startswith("ok") else "bad"


def _section(result: Result) -> dict[str, Any]:
    patchers = result.built.subject.watch.patchers
    return {
        "title": f"{result.name}, fetch {result.profile}",
        "message": message(result),
        "lanes": lanes(verdict.facts(result), patchers, _LANES, turn=verdict.turn(result)),
    }
