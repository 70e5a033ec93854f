"""Consistency models side by side, as a table with what its words stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from simulator.explore.lost import Stretch
from simulator.explore.verdict import Outcome
from simulator.report.header import about
from simulator.report.table import WIDTH, Column, fields, table, wrap
from simulator.report.verdict import replay_command
from simulator.scenario.build import Built
from simulator.scenario.compare import Row

_COLUMNS = (
    Column("model"), Column("safe"), Column("finishes"), Column("longest stop", wraps=True),
    Column("transitions", right=True), Column("code", right=True),
)  # fmt: skip

_YES_OR_NO: Mapping[bool | None, str] = MappingProxyType({True: "yes", False: "no"})


class Remark(NamedTuple):
    """What is told of a model below the table."""

    text: str
    replay: str | None = None
    """The replay string of what is told, if it has one."""


def comparison(
    name: str, title: str, built: Built, rows: Sequence[Row], remarks: Sequence[Remark], width: int = WIDTH
) -> str:
    """Return the report; ``built`` is any of the models', ``remarks`` are told below the table."""
    lines = wrap(f"{name}: {title}" if title else name, width)
    told = [pair for pair in about(built) if pair[0] != "protocol"]
    lines.append(fields([*told, ("tasks", _tasks(built)), ("functions", _functions(built))], width))
    lines += ["", table(_COLUMNS, [_cells(row) for row in rows], width), ""]
    for remark in remarks:
        lines += wrap(remark.text, width, "", "  ")
        lines += [f"  replay: {replay_command(remark.replay)}"] if remark.replay else []
    runs = max((row.cost.runs for row in rows), default=0)
    lines += ["", *wrap(
        f"longest stop: instructions of the patch that each vCPU executes between two of its own work, the most in "
        f"{runs} fair schedules; + is where it waits for others, and would wait longer in an unfair one. "
        f"code: bytes of the patch's functions that were executed.",
        width,
    )]  # fmt: skip
    return "\n".join(lines)


def _tasks(built: Built) -> str:
    """Return the programs of each CPU."""
    dealt = built.scenario.tasks
    return "; ".join(f"vCPU{cpu} {', '.join(dealt[cpu % len(dealt)])}" for cpu in range(built.scenario.cpus))


def _cells(row: Row) -> list[str]:
    answer, cost = row.answer, row.cost
    answers = [
        _YES_OR_NO.get(answer.safe, answer.verdict.outcome.value),
        _YES_OR_NO.get(answer.finishes, Outcome.INCOMPLETE.value),
    ]
    stops = " ".join(_stop(each) for each in cost.stretches)
    return [row.model, *answers, stops, f"{answer.verdict.statistics.transitions:,}", f"{cost.code:,}"]


def _stop(stretch: Stretch) -> str:
    return f"{stretch.instructions:,}{'+' if stretch.waits else ''}"


def _functions(built: Built) -> str:
    return ", ".join(site.name for site in built.subject.watch.sites)
