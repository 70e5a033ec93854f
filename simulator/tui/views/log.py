"""The event log: what happened, and what is known to happen next, around the present."""

from __future__ import annotations

from rich.text import Text

from simulator.report.words import Fact
from simulator.tui.scene import Scene
from simulator.tui.views.style import label_style, lines, rank_style

_AHEAD = 4
"""One line in so many is for what lies ahead."""


def log(scene: Scene, width: int, height: int) -> Text:
    """Return the lines before and behind the present; those ahead are marked with a plus."""
    size = len(str(scene.journal.facts[-1].number)) + 1 if scene.journal.facts else 2
    return lines((_line(scene, fact, size) for fact in shown(scene, height)), width, height)


def shown(scene: Scene, height: int) -> list[Fact]:
    """Return the facts that the log shows, one for each line."""
    facts, present = scene.journal.facts, scene.journal.before(scene.position + 1)
    start = max(0, present - (height - min(height // _AHEAD, len(facts) - present)))
    return facts[start : start + height]


def _line(scene: Scene, fact: Fact, size: int) -> Text:
    ahead, now = fact.number > scene.position, fact.number == scene.position
    mark = ">" if now else "+" if ahead else " "
    number = f"#{fact.number}"
    text = Text(f"{mark}{number:>{size}} vCPU{fact.cpu}  ", style="dim" if ahead else "bold" if now else "none")
    style = "dim" if ahead else label_style(fact.label) if fact.label else rank_style(fact.rank.value)
    text.append(fact.text, style=style or "none")
    return text
