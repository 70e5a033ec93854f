"""Plain tables that fit: cells wrap, and where that is not enough each row becomes a small list.

Nothing here depends on colour or on box-drawing characters, so a pipe, a log and a narrow terminal show the same.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

GAP = 2
WIDTH = 80


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; ``wraps`` lets cells take several lines, at ``hyphens`` too; ``right`` is for numbers."""

    heading: str
    right: bool = False
    wraps: bool = False
    hyphens: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int = WIDTH) -> str:
    """Return the rows under their headings, no line longer than ``width`` where words allow."""
    widths = _fit(columns, rows, width)
    if widths is None:
        return records(columns, rows, width)
    lines = _row(columns, [column.heading for column in columns], widths)
    for row in rows:
        lines += _row(columns, row, widths)
    return "\n".join(lines)


def records(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int = WIDTH) -> str:
    """Return each row as its first cell and one line for each other cell that is not empty."""
    lines: list[str] = []
    for row in rows:
        lines += wrap(row[0], width)
        for column, cell in zip(columns[1:], row[1:], strict=True):
            if cell:
                heading = f"  {column.heading}: " if column.heading else "  "
                lines += wrap(cell, width, heading, "    ")
    return "\n".join(lines)


def fields(pairs: Sequence[tuple[str, str]], width: int = WIDTH, indent: str = "  ") -> str:
    """Return ``name  value`` lines with the values under each other."""
    pairs = [(name, value) for name, value in pairs if value]
    longest = max((len(name) for name, _ in pairs), default=0)
    lines: list[str] = []
    for name, value in pairs:
        if width < 2 * longest + 20:
            lines += wrap(value, width, f"{indent}{name}: ", indent + "  ")
        else:
            start = f"{indent}{name:<{longest}}  "
            lines += wrap(value, width, start, " " * len(start))
    return "\n".join(lines)


def wrap(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """Return lines of at most ``width``; long words stay whole, so that they can be copied."""
    return textwrap.wrap(
        text, max(width, 20), initial_indent=first, subsequent_indent=rest,
        break_long_words=False, break_on_hyphens=False,
    ) or [first.rstrip()]  # fmt: skip


def _split(column: Column, cell: str, size: int) -> list[str]:
    return textwrap.wrap(cell, size, break_long_words=False, break_on_hyphens=column.hyphens)


def _fit(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int] | None:
    cells = [[column.heading, *(row[number] for row in rows)] for number, column in enumerate(columns)]
    widths = [max(len(cell) for cell in column) for column in cells]
    room = width - GAP * (len(columns) - 1)
    for number in sorted(range(len(columns)), key=lambda each: -widths[each]):
        if columns[number].wraps and sum(widths) > room:
            least = max(len(part) for cell in cells[number] for part in _split(columns[number], cell, 1) or [""])
            widths[number] = max(least, min(widths[number], 12), widths[number] - (sum(widths) - room))
    return widths if sum(widths) <= room else None


def _row(columns: Sequence[Column], row: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = [
        _split(column, cell, size) if column.wraps else [cell]
        for column, cell, size in zip(columns, row, widths, strict=True)
    ]
    lines = []
    for number in range(max(len(cell) for cell in cells) or 1):
        parts = [cell[number] if number < len(cell) else "" for cell in cells]
        padded = [
            part.rjust(size) if column.right else part.ljust(size)
            for column, part, size in zip(columns, parts, widths, strict=True)
        ]
        lines.append((" " * GAP).join(padded).rstrip())
    return lines
