"""The verdict table of protocols, placements and fetch models, as wide as it may be."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.machine.profiles import PROFILES
from simulator.report.table import GAP, WIDTH, Column, table, wrap
from simulator.scenario.matrix import Cell

Rows = dict[tuple[str, int], list[Cell]]


def cells(found: Sequence[Cell], width: int = WIDTH) -> str:
    """Return a table with a column per fetch model; where it does not fit, equal cells are put together."""
    rows: Rows = {}
    for cell in found:
        rows.setdefault((cell.protocol, cell.placement), []).append(cell)
    profiles = list(dict.fromkeys(cell.profile for cell in found))
    columns = [Column("protocol"), Column("at", right=True), *(Column(name) for name in profiles)]
    body = [[name, f"+{at}", *(cell.text for cell in row)] for (name, at), row in rows.items()]
    needed = sum(max(len(text) for text in column) for column in zip([c.heading for c in columns], *body, strict=True))
    if needed + GAP * (len(columns) - 1) <= width:
        return table(columns, body, width)
    return "\n".join(_grouped(rows, width))


def _grouped(rows: Rows, width: int) -> list[str]:
    lines = wrap(
        "fetch models: " + ", ".join(f"{profile.letter} {name}" for name, profile in PROFILES.items()), width, "", "  "
    )
    for (name, at), row in rows.items():
        groups: dict[str, list[str]] = {}
        for cell in row:
            groups.setdefault(cell.text, []).append(PROFILES[cell.profile].letter)
        texts = [f"{text}\u00a0[{''.join(letters)}]" for text, letters in groups.items()]
        lines += wrap("  ".join(texts), width, f"{name} +{at}: ", "    ")
    return lines
