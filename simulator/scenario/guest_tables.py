"""The tables of the kernel with tasks: its sites and their versions, the patch's callbacks, and the tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.errors import ScenarioError
from simulator.guest.image import Image
from simulator.guest.tables import Callbacks
from simulator.scenario.scenario import Scenario
from simulator.scenario.versions import Chain, Version

FUNCTIONS, VERSIONS = 4, 6
"""Room in ``kgr_funcs``."""
TASK_SLOTS = 3
BORN_LATER = "+"
"""In front of a program: the task does not exist yet, some other one forks it."""
TASK_SIZE, TASK_STATE, OLD, SLEEPING = 16, 4, 1, 1
"""Of ``struct task`` (guest_kernels/tasks/tasks.h): bytes, offset of its state, a bit of its first word, a state."""
_DEAD = 2


@dataclass(frozen=True, slots=True)
class Function:
    """A patched function: its site, and every version the site goes through, the original first."""

    name: str
    site: int
    versions: tuple[Version, ...]
    left: tuple[str | None, ...]
    """For each version the function that nobody may be in when it comes, for models that look at stacks."""


def with_functions(image: Image, functions: Sequence[Function]) -> Image:
    """Fill ``struct kgr_func { u64 site, target[6], start[6], end[6]; }`` and the two counts."""
    for number, function in enumerate(functions):
        left = [image.symbols.by_name(name) if name else None for name in function.left]
        columns = (
            [version.target for version in function.versions],
            [symbol.address if symbol else 0 for symbol in left],
            [symbol.end if symbol else 0 for symbol in left],
        )
        row = [function.site]
        for column in columns:
            row += [*column, *[0] * (VERSIONS - len(column))]
        image = _poke_row(image, "kgr_funcs", number, row)
    versions = max(len(function.versions) for function in functions)
    image = image.poke("kgr_nr_versions", versions.to_bytes(4, "little"))
    return image.poke("kgr_nr_funcs", len(functions).to_bytes(4, "little"))


def with_hooks(image: Image, chains: Sequence[Chain]) -> Image:
    """Fill ``struct kgr_hooks { check, before, after, undone; }`` of every transition, from 1."""
    for number in range(1, len(chains[0].bodies)):
        image = _poke_row(image, "kgr_hooks", number, _hooks(image, chains, number))
    return image


def _hooks(image: Image, chains: Sequence[Chain], number: int) -> list[int]:
    """Return a transition's row: the callbacks of what comes, or of what goes where the original comes back.

    A patch that replaces another runs its own and none of the other's (Linux, Documentation/livepatch/callbacks.rst).
    """
    steps = [chain.bodies[number - 1 : number + 1] for chain in chains]
    changes = [(old, new) for old, new in steps if old != new]
    coming = _named(image, {new.function for _, new in changes})
    going = _named(image, {old.function for old, new in changes if new.function in {chain.name for chain in chains}})
    if len(coming) + len(going) > 1:
        raise ScenarioError(f"transition {number} has several KGR_CALLBACKS; there is room for one")
    for found in coming:
        return [found.pre_patch, 0, found.post_patch, found.post_unpatch]
    for found in going:
        return [0, found.pre_unpatch, found.post_unpatch, 0]
    return [0, 0, 0, 0]


def _named(image: Image, functions: set[str]) -> list[Callbacks]:
    return [found for found in image.callbacks if found.new in functions]


def with_tasks(scenario: Scenario, image: Image) -> Image:
    """Write the programs of all tasks, and which task each CPU begins with."""
    if not scenario.tasks:
        raise ScenarioError("a consistency model is about tasks: give their programs in tasks=((...), ...), by CPU")
    image = image.poke("nr_task_cpus", scenario.cpus.to_bytes(4, "little"))
    for cpu in range(scenario.cpus):
        programs = scenario.tasks[cpu % len(scenario.tasks)]
        if not 1 <= len(programs) <= TASK_SLOTS:
            raise ScenarioError(f"{len(programs)} tasks on a CPU: there is room for 1 to {TASK_SLOTS}")
        first = image.address("tasks") + cpu * TASK_SLOTS * TASK_SIZE
        image = image.poke("current_task", first.to_bytes(8, "little"), cpu=cpu)
        for slot, program in enumerate(programs):
            main = image.address(program.removeprefix(BORN_LATER))
            image = image.poke("task_main", main.to_bytes(8, "little"), offset=8 * (cpu * TASK_SLOTS + slot))
            if program.startswith(BORN_LATER):
                image = image.poke(first + slot * TASK_SIZE + TASK_STATE, _DEAD.to_bytes(4, "little"))
    return image


def _poke_row(image: Image, table: str, number: int, row: Sequence[int]) -> Image:
    data = b"".join(value.to_bytes(8, "little") for value in row)
    return image.poke(table, data, offset=number * len(data))
