"""Verdicts on one page of Markdown, as for the summary of a GitHub job: what is wrong first, then the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.explore.verdict import Outcome
from simulator.report.place import place
from simulator.report.result import Result
from simulator.report.summary import closing
from simulator.report.verdict import counterexample, headline

_SHOWN = 5
"""Counterexamples in full; of the others the table tells."""
_OPEN = 25
"""Rows of a table that is not folded away."""


def markdown(results: Sequence[Result]) -> str:
    """Return the page."""
    wrong = [each for each in results if not each.passed]
    parts = [f"# kgraft-sim: {closing(results)}", *(_told(each) for each in wrong[:_SHOWN])]
    if len(wrong) > _SHOWN:
        parts.append(f"... and {len(wrong) - _SHOWN} more, in the table.")
    table = "\n".join(_table(results))
    if len(results) > _OPEN:
        table = f"<details>\n<summary>{len(results)} verdicts</summary>\n\n{table}\n\n</details>"
    return "\n\n".join([*parts, table]) + "\n"


def _told(result: Result) -> str:
    where = place(result)
    head = f"## {_cell(result.name)} under {result.profile}\n\n{_cell(headline(result))} (`{where.file}:{where.line}`)"
    if result.verdict.outcome is Outcome.VIOLATION:
        return f"{head}\n\n```text\n{counterexample(result)}\n```"
    return head


def _table(results: Sequence[Result]) -> Iterator[str]:
    yield "| scenario | fetch | verdict | expected | states |"
    yield "|---|---|---|---|--:|"
    for each in results:
        mark = {True: "", False: " **FAILED**", None: " **incomplete**"}[each.passed]
        verdict = f"{each.verdict.label}{mark}{' (spec-only)' if each.spec_only else ''}"
        states = f"{each.verdict.statistics.states:,}"
        yield f"| {_cell(each.name)} | {each.profile} | {verdict} | {each.expected or ''} | {states} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
