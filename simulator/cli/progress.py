"""Progress on the stderr of somebody who waits at a terminal.

A line for one search (states, rate, frontier and depth), a bar for many jobs.
"""

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


@contextmanager
def bar(what: str, total: int | None) -> Iterator[Callable[[int, str], None] | None]:
    """Yield what takes the number of finished parts and a few words, None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    # refreshed by hand: a thread of its own would make it unsafe to fork workers
    with Progress(*columns, console=console, auto_refresh=False, transient=True) as shown:
        task = shown.add_task(what, total=total)
        shown.refresh()

        def advance(finished: int, words: str) -> None:
            shown.update(task, completed=finished, description=f"{what}: {words}" if what else words)
            shown.refresh()

        yield advance


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
