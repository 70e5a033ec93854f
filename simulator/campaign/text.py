"""A campaign as text and as JSON. Rates are there only when they were asked for: they differ from run to run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from simulator.campaign.explore import Explored, Found
from simulator.campaign.jobs import Plan
from simulator.campaign.tally import BATCH, Summary
from simulator.report.table import WIDTH, Column, fields, table, wrap
from simulator.report.verdict import replay_command

_ROWS = 10
_BAR = 40


def text(explored: Explored, width: int = WIDTH, *, remark: str = "", time: bool = False) -> str:
    """Return everything about a campaign below its header; ``remark`` follows the last line."""
    summary = explored.summary
    parts = [fields(_facts(summary, time=time), width, "")]
    if summary.points:
        parts.append("new coverage over time:\n" + _curve(summary, width))
    for found in explored.found:
        parts.append("\n".join(_violation(found, width)))
    parts.append("\n".join(wrap(headline(explored) + remark, width, "", "  ")))
    return "\n\n".join(parts)


def headline(explored: Explored) -> str:
    """Return what was found, as one line."""
    kinds = len(explored.found)
    if kinds:
        return f"VIOLATION: {kinds} {'kind' if kinds == 1 else 'kinds'} in {_schedules(explored.summary)}"
    return f"RAN: {_schedules(explored.summary)}, no violation in these; nothing is claimed about others"


def document(explored: Explored, plan: Plan, *, time: bool = False) -> dict[str, Any]:
    """Return the machine-readable form."""
    summary = explored.summary
    return {
        "scheduler": plan.scheduler, "seed": plan.seed,
        "schedules": summary.schedules, "transitions": summary.transitions, "ends": summary.ends._asdict(),
        "stopped_by": summary.stopped_by,
        "seconds": round(summary.seconds, 3) if time else None,
        "schedules_per_second": round(rate(summary), 1) if time else None,
        "coverage": [{**point._asdict(), "schedule": at + 1} for point, at in summary.points],
        "curve": [{"schedules": end, "new": new, "total": total} for _, end, new, total in _buckets(summary)],
        "violations": [
            {
                "property": found.met.property, "kind": found.met.kind, "site": found.met.site,
                "schedule": found.met.schedule + 1, "seed": plan.seed + found.met.schedule,
                "choices": found.choices, "shrunk": found.shrunk, "replay": found.replay,
            }
            for found in explored.found
        ],
    }  # fmt: skip


def rate(summary: Summary) -> float:
    """Return schedules per second of this session."""
    return summary.fresh / summary.seconds if summary.seconds else 0.0


def _facts(summary: Summary, *, time: bool) -> list[tuple[str, str]]:
    ends = summary.ends
    ended = [
        (ends.settled, "ran to the end"),
        (ends.violated, "violated"),
        (ends.limited, "cut off"),
        (ends.stuck, "stuck"),
    ]
    points = [point for point, _ in summary.points]
    parts = [(len(set(values)), name) for values, name in zip(zip(*points, strict=True), _PARTS, strict=True)]
    covered = " x ".join(f"{count} {name}" for count, name in parts)
    return [
        ("schedules", f"{summary.schedules:,}: " + ", ".join(f"{count:,} {what}" for count, what in ended if count)),
        ("transitions", f"{summary.transitions:,}"),
        ("coverage", f"{len(points):,} points" + (f" of {covered}" if covered else "")),
        ("stopped by", summary.stopped_by),
        ("rate", f"{rate(summary):,.0f} schedules/s, {summary.seconds:.1f} s" if time else ""),
    ]


_PARTS = ("locations", "protocol steps", "site versions")


def _curve(summary: Summary, width: int) -> str:
    columns = [Column("schedules", right=True), Column("new", right=True), Column("total", right=True), Column("")]
    rows = [
        [f"{start + 1:,}-{end:,}", f"{new:,}", f"{total:,}", "#" * round(_BAR * total / len(summary.points))]
        for start, end, new, total in _buckets(summary)
    ]
    return table(columns, rows, width)


def _buckets(summary: Summary) -> Iterator[tuple[int, int, int, int]]:
    """Yield start, end, new points and points so far, for some ten parts of whole batches."""
    first_met = [at for _, at in summary.points]
    last = max([summary.schedules, *(at + 1 for at in first_met)])
    size = max(-(-last // (_ROWS * BATCH)), 1) * BATCH
    for start in range(0, last, size):
        end = min(start + size, last)
        yield start, end, sum(start <= at < end for at in first_met), sum(at < end for at in first_met)


def _violation(found: Found, width: int) -> Sequence[str]:
    met = found.met
    how = "shrunk to" if found.shrunk else "not shrunk:"
    what = f"{met.property} ({met.kind}) at {met.site}"
    where = f"{what}, first in schedule {met.schedule + 1:,}, {how} {found.choices:,} choices"
    return [*wrap(where, width, "", "  "), f"replay: {replay_command(found.replay)}"]


def _schedules(summary: Summary) -> str:
    return f"{summary.schedules:,} {'schedule' if summary.schedules == 1 else 'schedules'}"
