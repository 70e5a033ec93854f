"""How many tasks still run old functions, where the guest has tasks and a consistency model."""

from __future__ import annotations

from simulator.machine.memory import Cells, read_cells
from simulator.scenario.build import Built
from simulator.scenario.guest_tables import OLD, TASK_SIZE


def old_tasks(built: Built, memory: Cells) -> int | None:
    """Return the number of tasks that run old functions because of their flag; None where there are no such tasks."""
    if built.scenario.model is None or "tasks" not in built.image.symbols:
        return None
    symbol = built.image.symbols.by_name("tasks")
    table = read_cells(built.subject.machine.boot, memory, symbol.address, symbol.size)
    return sum(table[at] & OLD for at in range(0, symbol.size, TASK_SIZE))
