"""How many tasks still run old functions, where the guest has tasks and a consistency model."""

from __future__ import annotations

from simulator.machine.memory import Cells, read_cells
from simulator.scenario.build import Built

_SIZE, _OLD = 16, 1
"""Of ``struct task`` in guest_kernels/tasks/tasks.h, and KGR_OLD, the lowest bit of its first word."""


def old_tasks(built: Built, memory: Cells) -> int | None:
    """Return the number of tasks that run old functions because of their flag; None where there are no such tasks."""
    if built.scenario.model is None or "tasks" not in built.image.symbols:
        return None
    symbol = built.image.symbols.by_name("tasks")
    table = read_cells(built.subject.machine.boot, memory, symbol.address, symbol.size)
    return sum(table[at] & _OLD for at in range(0, symbol.size, _SIZE))
