"""What a machine with several CPUs does, explained by the views of one CPU, lest something depends on their number."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from simulator.explore.any_number.counters import Counter, NotProven, without
from simulator.explore.reductions import Reductions
from simulator.explore.reductions.stretch import Local
from simulator.explore.reductions.unread import Lessons
from simulator.explore.space import Space
from simulator.explore.subject import Subject
from simulator.machine.memory import Cells
from simulator.machine.symmetry import renamed
from simulator.machine.vcpu import CpuLayout

COMPARED = 200_000
"""States of the concrete machine that are compared with the views."""

Parts = tuple[int, Cells, Local, tuple[Local, ...]]
"""A view, comparable between machines: the class of its CPU, memory without counters, the CPU, the patchers."""


def require_explained(
    concrete: Subject, views: AbstractSet[Parts], kinds: int, layouts: Sequence[CpuLayout],
    counters: Sequence[Counter], lessons: Lessons,
) -> None:  # fmt: skip
    """Raise NotProven unless every state of a machine with several CPUs consists of views.

    ``kinds`` is the number of classes of CPUs, dealt out in turn; ``layouts`` are those of the machine with one
    executing CPU: where that and the patchers keep what is their own.
    """
    space = Space(concrete, Reductions(dead=False, late=False), lessons)
    group = set(space.order) - set(concrete.watch.patchers)
    seen = {space.initial()}
    pending = deque(seen)
    known: dict[tuple[int, ...], bool] = {}
    while pending:
        node = pending.popleft()
        cpus = {(number, cpu % kinds) for number, cpu in zip(node[1:], space.order, strict=True) if cpu in group}
        rest = tuple(number for number, cpu in zip(node[1:], space.order, strict=True) if cpu not in group)
        for number, kind in cpus:
            key = (node[0], kind, number, *rest)
            if key not in known:
                patchers = tuple(_moved(space.local(each), layouts[1 + index]) for index, each in enumerate(rest))
                memory = without(space, space.memory(node[0]), counters)
                known[key] = (kind, memory, _moved(space.local(number), layouts[0]), patchers) in views
            if not known[key]:
                raise NotProven("with several CPUs the guest does what one CPU and its kind cannot explain")
        for position in range(1, len(node)):
            for macro in space.macros(node[position], node[0]):
                target = space.successor(node, position, macro)
                if not macro.findings and target not in seen:
                    seen.add(target)
                    pending.append(target)
        if len(seen) > COMPARED:
            raise NotProven(f"more than {COMPARED:,} states with several CPUs to compare with")


def _moved(local: Local, layout: CpuLayout) -> Local:
    return local._replace(vcpu=renamed(local.vcpu, layout))
