"""What is shown of a patch while it goes on: lines in a pipe, and on a terminal a bar and who is left besides."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from simulator.cli.output import show
from simulator.explore.simulate import TraceStep
from simulator.report.migration import line, name
from simulator.scenario.build import Built
from simulator.scenario.holders import holders
from simulator.scenario.migration import Happening, Marked, Migrated, Task, tasks

if TYPE_CHECKING:
    from rich.console import Group
    from rich.live import Live

_EVERY = 0.05
"""Seconds between two looks at the terminal."""

Moved = Callable[[TraceStep, Sequence[Happening]], None]
"""Takes each step with what it means for the patch."""


@contextmanager
def display(built: Built, *, quiet: bool) -> Iterator[Moved]:
    """Yield what is told each step. The terminal is as it was afterwards, whatever ends it."""
    if quiet:
        yield lambda step, found: None
    elif not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        yield _lines
    else:
        from rich.console import Console
        from rich.live import Live

        with Live(console=Console(highlight=False), auto_refresh=False) as live:
            screen = _Screen(built, live)
            yield screen
            screen.draw()


def _lines(step: TraceStep, found: Sequence[Happening]) -> None:
    for each in found:
        show(line(each))


class _Screen:
    """The lines, and below them a bar that grows as tasks migrate, and each task with where it stands."""

    def __init__(self, built: Built, live: Live) -> None:
        self._built, self._live = built, live
        self._tasks = tasks(built)
        self._state: dict[Task, str] = {}
        self._step: TraceStep | None = None
        self._next = 0.0

    def __call__(self, step: TraceStep, found: Sequence[Happening]) -> None:
        self._step = step
        for each in found:
            if isinstance(each, Marked | Migrated):
                self._state[each.task] = "old" if isinstance(each, Marked) else "new"
            self._live.console.print(line(each), markup=False)
        if found or time.monotonic() >= self._next:
            self.draw()
            self._next = time.monotonic() + _EVERY

    def draw(self) -> None:
        """Show where things stand."""
        if self._step is not None:
            self._live.update(self._view(self._step), refresh=True)

    def _view(self, step: TraceStep) -> Group:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        new = sum(state == "new" for state in self._state.values())
        bar = Table.grid(padding=(0, 1))
        migrated = f"{new} of {len(self._tasks)} tasks migrated, step {step.number:,}"
        bar.add_row(ProgressBar(total=len(self._tasks), completed=new, width=30), migrated)
        rows = Table("task", "functions", "stands in", box=None, pad_edge=False)
        standing = {(each.cpu, each.slot): each.stack[:1] for each in holders(self._built, step.after)}
        for task in self._tasks:
            rows.add_row(name(task), self._state.get(task, ""), *standing.get((task.cpu, task.slot), ()))
        return Group(bar, rows)
