"""Many verdicts as a table, with the closing line that CI systems read: ``N passed, N failed``."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.report.result import Result
from simulator.report.table import WIDTH, Column, table


def summary(results: Sequence[Result], width: int = WIDTH, *, time: bool = False) -> str:
    """Return one row per result."""
    several = len({result.name for result in results}) > 1
    columns = [Column("scenario", wraps=True, hyphens=True)] if several else []
    columns += [
        Column("fetch"), Column("verdict"), Column("", wraps=True),
        Column("states", right=True), *([Column("seconds", right=True)] if time else []),
    ]  # fmt: skip
    rows = [
        [
            *([result.name] if several else []), result.profile, result.verdict.label, _remark(result),
            f"{result.verdict.statistics.states:,}",
            *([f"{result.verdict.statistics.seconds:.2f}"] if time else []),
        ]
        for result in results
    ]  # fmt: skip
    return table(columns, rows, width)


def closing(results: Sequence[Result]) -> str:
    """Return how many verdicts are as they should be."""
    passed = sum(result.passed is True for result in results)
    failed = sum(result.passed is False for result in results)
    incomplete = len(results) - passed - failed
    return f"{passed} passed, {failed} failed" + (f", {incomplete} incomplete" if incomplete else "")


def _remark(result: Result) -> str:
    if result.passed is None:
        return result.verdict.stopped_by
    state = "ok" if result.passed else "FAILED"
    notes = [f"not {result.expected}"] if result.expected and not result.passed else []
    notes += ["spec-only"] if result.spec_only else []
    return f"{state}: {', '.join(notes)}" if notes else state
