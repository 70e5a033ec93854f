"""The choices: what can happen next, numbered as they are picked; a star is what the schedule takes."""

from __future__ import annotations

from rich.text import Text

from simulator.tui.scene import Scene
from simulator.tui.views.style import fit, lines, window

DIGITS = 10
"""Choices that one key takes."""


def choices(scene: Scene, width: int, height: int) -> Text:
    """Return the choices around the selected one."""
    if not scene.options:
        return fit(Text("nothing can happen any more", style="dim"), width)
    rows = []
    for number, option in enumerate(scene.options):
        star = "*" if option.choice == scene.ahead else " "
        key = str(number) if number < DIGITS else " "
        style = "reverse" if number == scene.selected else ""
        rows.append(Text(f"{key}{star}vCPU{option.choice.cpu} {option.text}", style=style))
    return lines((rows[number] for number in window(len(rows), scene.selected, height)), width, height)
