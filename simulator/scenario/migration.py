"""How a patch goes on: which function a site leads to, and which task has changed over, where and why.

A task changes over when the flag in its ``struct task`` (guest_kernels/tasks/tasks.h) is cleared. Models that mark no
task have nothing to tell of tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from simulator.explore.simulate import TraceStep
from simulator.machine.events import Executed
from simulator.machine.memory import read_cells
from simulator.machine.state import State
from simulator.scenario.build import Built
from simulator.scenario.guest_tables import OLD, TASK_SIZE, TASK_SLOTS
from simulator.scenario.holders import program_of

_WAYS: Mapping[str, str] = MappingProxyType(
    {
        "entry_syscall": "kernel entry",
        "exit_to_user": "kernel exit",
        "task_safe": "a safe point",
        "task_die": "its end",
        "klp_check_tasks": "a look at its stack",
        "kgr_force": "force",
    }
)
"""Functions of the guest, and what a task that changes over there does so by."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a scenario."""

    cpu: int
    slot: int
    program: str


@dataclass(frozen=True, slots=True)
class Led:
    """A whole instruction stands in a site."""

    step: int
    function: str
    target: str
    """The function it leads to; its own name where the site is a NOP again."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A task runs old functions from now on, whatever the sites lead to."""

    step: int
    task: Task


@dataclass(frozen=True, slots=True)
class Migrated:
    """A task runs new functions from now on."""

    step: int
    task: Task
    way: str
    """What it did so by, in words."""


Happening = Led | Marked | Migrated


def tasks(built: Built) -> tuple[Task, ...]:
    """Return the tasks of a scenario, by CPU and slot."""
    if "task_main" not in built.image.symbols:
        return ()
    places = ((cpu, slot) for cpu in range(built.scenario.cpus) for slot in range(TASK_SLOTS))
    named = (Task(cpu, slot, program_of(built, cpu, slot)) for cpu, slot in places)
    return tuple(task for task in named if task.program)


def happenings(built: Built, steps: Iterable[TraceStep]) -> Iterator[tuple[TraceStep, tuple[Happening, ...]]]:
    """Yield each step of an execution with what it means for the patch, mostly nothing."""
    known, way = tasks(built), _Ways(built)
    old = _old(built, known, built.subject.initial)
    bytes_at = {site.address: site.versions[0] for site in built.sites}
    for step in steps:
        way.see(step)
        found: list[Happening] = []
        if step.after.memory is not step.before.memory:
            now = _old(built, known, step.after)
            found += [Marked(step.number, task) for task in known if task in now - old]
            found += [Migrated(step.number, task, way.of(task, step)) for task in known if task in old - now]
            found += _led(built, step, bytes_at)
            old = now
        yield step, tuple(found)


def _led(built: Built, step: TraceStep, bytes_at: dict[int, bytes]) -> Iterator[Led]:
    """Yield the sites that hold another whole version now; ``bytes_at`` is what each held last."""
    for site in built.sites:
        code = read_cells(built.subject.machine.boot, step.after.memory, site.address, len(site.versions[0]))
        if code != bytes_at[site.address] and code in site.versions:
            bytes_at[site.address] = code
            target = (0, *site.targets)[site.versions.index(code)]
            yield Led(step.number, site.name, _function(built, target) if target else site.name)


def _old(built: Built, known: Sequence[Task], state: State) -> frozenset[Task]:
    """Return the tasks that run old functions because of their flag."""
    boot, table = built.subject.machine.boot, built.image.address("tasks")
    places = ((task, table + (task.cpu * TASK_SLOTS + task.slot) * TASK_SIZE) for task in known)
    return frozenset(task for task, at in places if read_cells(boot, state.memory, at, 1)[0] & OLD)


def _function(built: Built, address: int) -> str:
    symbol = built.image.symbols.at(address)
    return symbol.name if symbol is not None else f"{address:#x}"


class _Ways:
    """Where each task was last that it could change over."""

    def __init__(self, built: Built) -> None:
        self._built = built
        symbols = built.image.symbols
        self._gates = {symbols.by_name(name).address: words for name, words in _WAYS.items() if name in symbols}
        universes = built.subject.watch.universes
        self._slots: Mapping[int, int] = {} if universes is None else universes.slots
        self._current = [0] * len(built.subject.initial.vcpus)
        self._last: dict[tuple[int, int], str] = {}

    def see(self, step: TraceStep) -> None:
        """Note where the CPU of a step has come."""
        for event in step.events:
            if isinstance(event, Executed):
                cpu = event.cpu
                self._current[cpu] = self._slots.get(event.address, self._current[cpu])
                words = self._gates.get(event.address)
                if words is not None:
                    self._last[cpu, self._current[cpu]] = words

    def of(self, task: Task, step: TraceStep) -> str:
        """Return the way of a task whose flag a step has cleared."""
        executed = [event.address for event in step.events if isinstance(event, Executed)]
        function = _function(self._built, executed[-1]) if executed else ""
        return _WAYS.get(function) or self._last.get((task.cpu, task.slot)) or function or "a store"
