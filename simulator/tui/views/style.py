"""Styles, and lines that fit. Whatever a colour says, a word says too: everything reads the same without colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

_LABELS = {"old": "cyan", "int3": "yellow", "new": "green", "self": "yellow", "torn": "bold red", "mixed": "yellow"}
_RANKS = {"milestone": "bold", "seen": "", "detail": "dim"}


def label_style(label: str) -> str:
    """Return the style of ``old``, ``int3``, ``new`` and so on."""
    return _LABELS.get(label, "")


def rank_style(rank: str) -> str:
    """Return the style of a fact by its rank."""
    return _RANKS.get(rank, "")


def fit(line: Text, width: int) -> Text:
    """Return a line of at most ``width`` cells; three dots say that something is missing."""
    line = line.copy()
    if line.cell_len > width:
        line.truncate(max(width - 2, 0))
        line.append(".." if width > 2 else "")
    return line


def lines(found: Iterable[Text], width: int, height: int) -> Text:
    """Return the first ``height`` lines as one text, none longer than ``width``."""
    shown = [fit(line, width) for _, line in zip(range(height), found, strict=False)]
    return Text("\n", no_wrap=True, end="").join(shown)


def window(length: int, centre: int, height: int) -> range:
    """Return which of ``length`` rows to show in ``height``, so that row ``centre`` is among them."""
    start = max(0, min(centre - height // 2, length - height))
    return range(start, min(length, start + height))


def columns(cells: Sequence[tuple[str, int]]) -> str:
    """Return cells padded to their widths, one blank between two."""
    return " ".join(text.ljust(size) for text, size in cells).rstrip()
