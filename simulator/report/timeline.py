"""Where everything stands in the drawing of an execution: a lane per CPU, time to the right. Geometry, nothing else."""

from __future__ import annotations

from typing import NamedTuple

from simulator.report.arrows import Arrow
from simulator.report.recording import Moment, Recording
from simulator.report.words import Rank

BAR = 17
"""Height of a function's bar, with the gap under it."""
_TOP, _GAP, _DOTS, _LABEL = 22, 14, 18, 5.6
"""Above the first lane (the numbers of steps), between lanes, room for a lane's dots, width of a letter."""
_WIDEST, _NARROWEST, _AIM, _MOST = 56.0, 9.0, 1000, 30_000
"""Pixels per step, at most and at least; what the whole should be wide, and may be."""
_CROWDED = 3.0
"""Below so many pixels per step, steps of which there is nothing to say get no dot."""


class Lane(NamedTuple):
    """A CPU: its name, and where its lane begins and its dots stand."""

    name: str
    patches: bool
    top: float
    height: float
    dots: float


class Bar(NamedTuple):
    """A slice; ``name`` is cut to what fits."""

    x: float
    y: float
    width: float
    kind: str
    name: str
    label: str


class Dot(NamedTuple):
    """A step; ``kind`` is what a CPU saw at a site, ``milestone``, ``detail`` or ``plain``."""

    x: float
    y: float
    kind: str
    step: int
    title: str


class Curve(NamedTuple):
    """An arrow as an SVG path."""

    path: str
    kind: str
    name: str


class Timeline(NamedTuple):
    """The drawing."""

    width: float
    height: float
    scale: float
    """Pixels per step."""
    lanes: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    dots: tuple[Dot, ...]
    curves: tuple[Curve, ...]
    ticks: tuple[tuple[float, int], ...]


def timeline(recording: Recording) -> Timeline:
    """Lay out an execution."""
    steps = max(len(recording.moments), 1)
    scale = max(min(max(_AIM / steps, _NARROWEST), _WIDEST, _MOST / steps), 1.0)
    lanes = _lanes(recording)
    height = lanes[-1].top + lanes[-1].height + _GAP / 2
    bars = tuple(
        _bar(_x(each.start, scale), lanes[each.cpu].top + each.depth * BAR, (each.end - each.start + 1) * scale,
             each.kind, each.name)
        for each in recording.slices
    )  # fmt: skip
    dots = tuple(
        Dot(_middle(moment.number, scale), lanes[moment.cpu].dots, kind, moment.number, moment.title)
        for moment in recording.moments
        if (kind := _kind(moment)) != "plain" or scale >= _CROWDED
    )
    cpu_of = {moment.number: moment.cpu for moment in recording.moments}
    curves = tuple(_curve(arrow, cpu_of, lanes, scale) for arrow in recording.arrows)
    every = _tick(scale)
    ticks = tuple((_middle(number, scale), number) for number in range(every, steps + 1, every))
    return Timeline(round(steps * scale + 2, 1), height, scale, lanes, bars, dots, curves, ticks)


def _lanes(recording: Recording) -> tuple[Lane, ...]:
    patchers = recording.result.built.subject.watch.patchers
    lanes, top = [], float(_TOP)
    for cpu in recording.start.cpus:
        depth = max((each.depth + 1 for each in recording.slices if each.cpu == cpu), default=0)
        height = depth * BAR + _DOTS
        lanes.append(Lane(f"vCPU{cpu}", cpu in patchers, top, height, top + depth * BAR + 8))
        top += height + _GAP
    return tuple(lanes)


def _bar(x: float, y: float, width: float, kind: str, name: str) -> Bar:
    room = int((width - 6) / _LABEL)
    label = name if len(name) <= room else name[: max(room - 1, 0)] + "…" if room >= 4 else ""
    return Bar(x, y, round(width - 1, 1), kind, name, label)


def _kind(moment: Moment) -> str:
    labels = [fact.label for fact in moment.facts if fact.label]
    if labels:
        return "new" if labels[-1].startswith("new") else labels[-1]
    if any(fact.rank is Rank.MILESTONE for fact in moment.facts):
        return "milestone"
    return "detail" if moment.facts else "plain"


def _curve(arrow: Arrow, cpu_of: dict[int, int], lanes: tuple[Lane, ...], scale: float) -> Curve:
    x1, x2 = _middle(arrow.through, scale), _middle(arrow.end, scale)
    y1, y2 = lanes[cpu_of[arrow.through]].dots, lanes[cpu_of[arrow.end]].dots
    bend = max((x2 - x1) / 2, 8)
    if y1 == y2:  # on one CPU: an arc below its dots
        return Curve(
            f"M{x1:g} {y1 + 4:g}C{x1:g} {y1 + 16:g} {x2:g} {y2 + 16:g} {x2:g} {y2 + 5:g}", arrow.kind, arrow.name
        )
    return Curve(f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}", arrow.kind, arrow.name)


def _tick(scale: float) -> int:
    return next(
        every for every in (1, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if every * scale >= 40 or every == 5000
    )


def _x(step: int, scale: float) -> float:
    return round((step - 1) * scale + 1, 1)


def _middle(step: int, scale: float) -> float:
    return round((step - 0.5) * scale + 1, 1)
