"""The first line, which says what is looked at and where, and the last but one, which says what is wrong here."""

from __future__ import annotations

from rich.text import Text

from simulator.report.finding import explain
from simulator.tui.scene import Scene
from simulator.tui.views.style import fit


def heading(scene: Scene, width: int) -> Text:
    """Return scenario and models on the left, the position on the right."""
    config = scene.machine.config
    who = "any CPU" if scene.followed is None else f"vCPU{scene.followed}"
    right = f"following {who}  #{scene.position}/{scene.length}"
    left = f"{scene.name}  fetch {config.profile.name}, data {config.data_model}"
    text = fit(Text(left), max(width - len(right) - 2, 0))
    text.append(" " * max(width - text.cell_len - len(right), 1) + right)
    text.stylize("reverse")
    return fit(text, width)


def verdict(scene: Scene) -> str:
    """Return the violation that the last step made, in words; nothing where it made none."""
    if not scene.findings:
        return ""
    first = scene.findings[0]
    why = explain(scene.narrator, first, scene.steps[: scene.position])
    return f"VIOLATION: {first.property} ({first.kind}): {why}"
