"""A patch that goes on, in words: one line for each thing that happens, and who holds it up in the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.report.table import WIDTH, wrap
from simulator.scenario.holders import Holder
from simulator.scenario.migration import Happening, Led, Marked, Task

_DEEPEST = 8


def line(happened: Happening) -> str:
    """Return what happened."""
    if isinstance(happened, Led):
        return f"{happened.function} leads to {happened.target} from step {happened.step} on"
    if isinstance(happened, Marked):
        return f"{name(happened.task)} marked old at step {happened.step}"
    return f"{name(happened.task)} migrated at step {happened.step} by {happened.way}"


def name(task: Task | Holder) -> str:
    """Return what a task is called."""
    return f"task {task.slot} on CPU {task.cpu} ({task.program})"


def held_up(holders: Sequence[Holder], means: Sequence[tuple[str, str]], width: int = WIDTH) -> str:
    """Return who holds a patch up and where they stand, innermost first; ``means`` are what one can do about it."""
    lines = [text for holder in holders for text in _holder(holder, width)]
    if means:
        lines += ["what an operator can do:"]
        lines += [text for option, effect in means for text in wrap(f"{option}: {effect}", width, "  ", "    ")]
    return "\n".join(lines)


def _holder(holder: Holder, width: int) -> Iterator[str]:
    how = "asleep" if holder.asleep else "on its CPU" if holder.running else "waiting for its turn"
    yield from wrap(f"{name(holder)} is {how}{', in' if holder.stack else ''}", width, "", "  ")
    for place in holder.stack[:_DEEPEST]:
        yield f"  {place}"
    if len(holder.stack) > _DEEPEST:
        yield f"  ... {len(holder.stack) - _DEEPEST} more"
