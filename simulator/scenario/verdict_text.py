"""A verdict as JSON and back: what the cache keeps. Only what is proven is kept, so nothing is lost."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from simulator.errors import ScheduleError
from simulator.explore.properties import Finding
from simulator.explore.schedule import format_choices, parse_choices
from simulator.explore.verdict import Bounds, Outcome, Statistics, Verdict

PROVEN = (Outcome.SAFE, Outcome.VIOLATION, Outcome.VACUOUS)
"""Answers that no further search can change."""


def to_json(verdict: Verdict) -> dict[str, Any]:
    """Return a proven verdict as plain JSON values."""
    found = verdict.finding
    return {
        "outcome": verdict.outcome.value, "bounds": asdict(verdict.bounds), "statistics": asdict(verdict.statistics),
        "finding": [*found[:-1], found.code.hex()] if found is not None else None,
        "schedule": format_choices(verdict.schedule), "unmet": verdict.unmet,
        "all_findings": verdict.all_findings, "loop": verdict.loop,
    }  # fmt: skip


def from_json(content: Any) -> Verdict | None:
    """Return the verdict, None where the content is not that of one (a damaged or foreign file)."""
    try:
        found = content["finding"]
        return Verdict(
            Outcome(content["outcome"]),
            Bounds(**{name: _tuple(value) for name, value in content["bounds"].items()}),
            Statistics(**content["statistics"]),
            None if found is None else _finding(*found),
            parse_choices(content["schedule"]),
            unmet=tuple(content["unmet"]),
            all_findings=_tuple(content["all_findings"]),
            loop=int(content["loop"]),
        )
    except (KeyError, TypeError, ValueError, ScheduleError):
        return None


def _finding(name: str, kind: str, cpu: int, address: int, code: str) -> Finding:
    return Finding(name, kind, cpu, address, bytes.fromhex(code))


def _tuple(value: Any) -> Any:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value
