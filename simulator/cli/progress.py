"""The progress line: states, rate, frontier and depth, on the stderr of somebody who waits at a terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.explore.checker import Progress

_EVERY = 0.1
_CLEAR = "\r\x1b[K"


@contextmanager
def progress(what: str) -> Iterator[Callable[[Progress], None] | None]:
    """Yield what a search reports to, None where nobody looks; the line is gone afterwards."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield _Line(what)
    finally:
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()


class _Line:
    """One line that is written over, ten times a second at most."""

    def __init__(self, what: str) -> None:
        self._what, self._next = what, 0.0

    def __call__(self, now: Progress) -> None:
        if now.seconds < self._next:
            return
        self._next = now.seconds + _EVERY
        rate = now.states / now.seconds if now.seconds else 0.0
        text = f"{self._what}: {now.states:,} states, {rate:,.0f}/s, frontier {now.frontier:,}, depth {now.depth}"
        room = shutil.get_terminal_size().columns - 1  # a line that wraps cannot be written over
        sys.stderr.write(_CLEAR + text[:room])
        sys.stderr.flush()
