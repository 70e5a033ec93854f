"""The protocol: its steps, which are over, and which the patcher is at."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from simulator.tui.journal import Milestone
from simulator.tui.scene import Scene
from simulator.tui.views.style import fit, lines, window

DONE, HERE, TO_COME = "x", ">", " "


def protocol(scene: Scene, width: int, height: int) -> Text:
    """Return the steps around the current one; of a patcher written in C, what it did last and where it is."""
    if not scene.watch.patchers:
        return fit(Text("nobody patches", style="dim"), width)
    routine = scene.narrator.built.routine
    if routine is None:
        return lines(_guest_patchers(scene, height), width, height)
    (patcher,) = scene.watch.patchers
    names = [piece.name for piece in routine.pieces] + ["done"]
    at = scene.journal.milestone(scene.position, patcher)
    current = names.index(at.name) if at is not None else -1
    rows = [_row(name, number, current, at, scene.done) for number, name in enumerate(names)]
    return lines((rows[number] for number in window(len(rows), current, height)), width, height)


def _row(name: str, number: int, current: int, at: Milestone | None, done: bool) -> Text:
    if number > current:
        return Text(f"{TO_COME} {name}", style="dim")
    if number < current or done:
        return Text(f"{DONE} {name}")
    since = f"  since #{at.number}" if at is not None else ""
    return Text(f"{HERE} {name}{since}", style="bold")


def _guest_patchers(scene: Scene, height: int) -> Iterator[Text]:
    patchers = sorted(scene.watch.patchers)
    room = max(height // len(patchers) - 1, 0)
    for cpu in patchers:
        where = scene.narrator.where(scene.state.vcpus[cpu].rip)
        yield Text(f"vCPU{cpu} {where}", style="bold")
        past = [each for each in scene.journal.milestones if each.number <= scene.position and each.cpu == cpu]
        recent = past[-room:] if room else []
        for each in recent:
            sign = DONE if each is not recent[-1] else HERE
            yield Text(f"{sign} #{each.number} {each.name}")
