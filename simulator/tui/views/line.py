"""The timeline: the whole history in one line, with the steps of the protocol, the violations, and the present."""

from __future__ import annotations

from rich.text import Text

from simulator.tui.scene import Scene
from simulator.tui.views.style import fit

PAST, KNOWN, SCHEDULED, HERE, VIOLATION, MILESTONE = "=", "-", ".", "^", "!", "|"


def timeline(scene: Scene, width: int) -> Text:
    """Return ``0 ==1==2===^--3---! 46``: the digits are steps of the protocol."""
    head, tail = "0 ", f" {scene.length}"
    room = max(width - len(head) - len(tail), 1)
    here = _column(scene, scene.position, room)
    known = _column(scene, len(scene.steps), room)
    cells = [PAST if at < here else KNOWN if at <= known else SCHEDULED for at in range(room)]
    cells[here] = HERE
    for number, _, name in scene.journal.milestones:
        digit, point, _ = name.partition(".")
        cells[_column(scene, number, room)] = digit[-1] if point and digit.isdigit() else MILESTONE
    for number in scene.journal.violations:
        cells[_column(scene, number, room)] = VIOLATION
    text = Text(head + "".join(cells) + tail, no_wrap=True, end="")
    text.stylize("dim", len(head) + here + 1, len(head) + room)
    for column, cell in enumerate(cells):
        if cell == VIOLATION:
            text.stylize("bold red", len(head) + column, len(head) + column + 1)
    text.stylize("reverse", len(head) + here, len(head) + here + 1)
    return fit(text, width)


def clicked(scene: Scene, width: int, column: int) -> int:
    """Return the position that a column of the timeline stands for."""
    room = max(width - 2 - len(f" {scene.length}"), 1)
    return _number_at(scene, min(max(column - 2, 0), room - 1), room)


def _number_at(scene: Scene, column: int, room: int) -> int:
    """Return the position that one of ``room`` columns stands for."""
    return round(column * scene.length / max(room - 1, 1))


def _column(scene: Scene, number: int, room: int) -> int:
    return round(number * (room - 1) / max(scene.length, 1))
