"""Verdicts as GitHub workflow commands: each that is not as it should be is shown at the line of its patch site.

Format: "Workflow commands for GitHub Actions", ``::error file=F,line=N,title=T::MESSAGE``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.explore.verdict import Outcome
from simulator.report.place import place
from simulator.report.result import Result
from simulator.report.table import WIDTH
from simulator.report.verdict import headline, last_line, replay_command

_WIDE = 100 * WIDTH
"""Wide enough that nothing is wrapped."""


def github(results: Sequence[Result]) -> str:
    """Return a line for each verdict that is wrong or missing; nothing where all are right."""
    return "\n".join(_lines(results))


def _lines(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        if result.passed:
            continue
        command = "error" if result.passed is False else "warning"
        where, title = place(result), f"{result.name} ({result.profile})"
        about = f"file={_property(where.file)},line={where.line},title={_property(title)}"
        yield f"::{command} {about}::{_data(_message(result))}"


def _message(result: Result) -> str:
    parts = [headline(result)]
    if result.verdict.outcome is Outcome.VIOLATION:
        parts += [last_line(result, _WIDE), f"replay: {replay_command(result.replay)}"]
    elif result.passed is None:
        parts.append(result.verdict.stopped_by)
    return "\n".join(part for part in parts if part)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
