"""Any number of CPUs at once: the set of (what all share, one CPU), closed under what everybody does.

A *view* is the shared memory, the patchers, and one executing CPU. All views are found in a machine with one
executing CPU: its own steps, the patchers' steps, and *interference*, the effect that another CPU in the same
shared state may have. Every state of a machine with N such CPUs falls apart into N views of the closed set, so a
set without a violation proves N CPUs safe for every N (thread-modular verification: Flanagan and Qadeer, SPIN
2003; docs/any-number.md).

Words that CPUs only count in, by LOCK INC and the like with the result discarded, are *counters*. A view holds
what its own CPU has contributed. A patcher that waits for the sum to reach N times k goes on where every CPU has
contributed k, which is where the machine with one CPU goes on, as long as nobody can contribute more, or nobody
less. All this is checked on the machine code, by asking the machine for the same step with other values of the
counter, and what cannot be checked is reported as not proven.

``progress`` follows where the patchers alone lead to done, and wherever they wait for a counter every CPU can go on
by itself, changing nothing else, until it has contributed its part.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simulator.explore.any_number.counters import (
    PROBES,
    Counter,
    NotProven,
    Outcome,
    counted,
    require_blind,
    waited_for,
    without,
)
from simulator.explore.any_number.explained import Parts, require_explained
from simulator.explore.properties import Finding
from simulator.explore.reductions import Reductions
from simulator.explore.reductions.stretch import Lengthy, Local
from simulator.explore.reductions.unread import NOTHING_LEARNED, Lessons, Misjudged
from simulator.explore.space import Asymmetric, Macro, Node, Observant, Space
from simulator.explore.subject import Subject
from simulator.machine.choice import Choice, Path, expanded
from simulator.machine.interrupts import Post
from simulator.machine.memory import Cells, read_cells, write_cells

_CPU = 1
"""Position of the executing CPU in a node; behind it come the patchers."""


class View(NamedTuple):
    """A node of the machine that runs one class of CPU beside the patchers."""

    kind: int
    """Number of the class: CPUs with the same workload."""
    node: Node


@dataclass(frozen=True, slots=True)
class Proof:
    """What the closure of the views shows."""

    proven: bool
    reason: str
    """Why nothing is proven, empty where it is."""
    views: int
    steps: int
    finding: Finding | None = None
    schedule: tuple[Choice, ...] = ()
    """Steps of the abstract trace: those of the CPU watched and of the patchers."""
    interference: int = 0
    """Steps on the trace that other CPUs take."""
    counters: tuple[Counter, ...] = ()
    executed: frozenset[int] = frozenset()
    """Address of every instruction that was executed."""


class _Counts(Exception):
    """Another word is used as a counter."""

    def __init__(self, counter: Counter) -> None:
        super().__init__(counter)
        self.counter = counter


def prove(kinds: Sequence[Subject], concrete: Subject) -> Proof:
    """Try to prove that no number of CPUs violates a property.

    ``kinds`` has one subject with one executing CPU for each class; ``concrete`` one with at least two CPUs, whose
    every state must be found to consist of views, lest a step depends on the number of CPUs in another way than
    the proof takes for granted.
    """
    counters: tuple[Counter, ...] = ()
    lessons = NOTHING_LEARNED
    while True:
        closure = _Closure(kinds, counters, lessons)
        try:
            return closure.proof(concrete)
        except _Counts as found:
            counters = (*counters, found.counter)
        except Misjudged as wrong:
            lessons = wrong.lessons
        except (NotProven, Observant, Asymmetric, Lengthy) as reason:
            return closure.failed(str(reason))


class _Effect(NamedTuple):
    """What a step of another CPU does to a view of the same shared state."""

    before: Cells
    after: Cells
    signals: int
    kind: int


class _Closure:
    """The fixpoint."""

    def __init__(self, kinds: Sequence[Subject], counters: tuple[Counter, ...], lessons: Lessons) -> None:
        self.kinds, self.counters, self.lessons = kinds, counters, lessons
        self.boot = kinds[0].machine.boot
        reductions = Reductions(symmetry=False, dead=False, late=False)
        self.spaces = [Space(subject, reductions, lessons) for subject in kinds]
        self.parents: dict[View, tuple[View | None, Path]] = {}
        self.pending: deque[View] = deque()
        self.of_shared: dict[object, list[View]] = {}
        self.effects: dict[object, list[_Effect]] = {}
        self.steps = 0
        self._shared: dict[View, tuple[Cells, tuple[Local, ...]]] = {}
        self._bare: dict[tuple[int, int], Cells] = {}
        self._checked: set[tuple[int, int, int]] = set()

    # the fixpoint ----------------------------------------------------------------------------------------

    def proof(self, concrete: Subject) -> Proof:
        for kind, space in enumerate(self.spaces):
            self._add(View(kind, space.initial()), None, space.prelude())
        while self.pending:
            view = self.pending.popleft()
            found = self._expand(view)
            if found is not None:
                finding, choices = found
                return self.failed(f"{finding.property} is violated on an abstract trace", finding, view, choices)
        self._require_polls()
        if "progress" in self.kinds[0].watch.properties:
            self._require_progress()
        self._require_anonymous()
        parts = frozenset(self._parts(view.kind, view.node) for view in self.parents)
        layouts = self.kinds[0].machine.layouts
        require_explained(concrete, parts, len(self.kinds), layouts, self.counters, self.lessons)
        return self._result(proven=True)

    def _expand(self, view: View) -> tuple[Finding, Path] | None:
        space = self.spaces[view.kind]
        done = space.done(view.node)
        for position in range(1, len(view.node)):
            for macro in space.macros(view.node[position], view.node[0]):
                self.steps += 1
                found = (*macro.findings, *(macro.stale if done else ()))
                if found:
                    return found[0], macro.choices
                if position == _CPU:
                    self._interfere(view, macro)
                self._add(View(view.kind, space.successor(view.node, position, macro)), view, macro.choices)
        self._require_uniform(view)
        return None

    def _add(self, view: View, parent: View | None, choices: Path) -> None:
        if view in self.parents:
            return
        self.parents[view] = parent, choices
        self.pending.append(view)
        shared = self.shared(view)
        self.of_shared.setdefault(shared, []).append(view)
        for effect in self.effects.get(shared, ()):
            self._apply(effect, view)

    def shared(self, view: View) -> tuple[Cells, tuple[Local, ...]]:
        """Return what all CPUs share: memory without counters, and the patchers."""
        known = self._shared.get(view)
        if known is None:
            space = self.spaces[view.kind]
            patchers = tuple(space.local(number) for number in view.node[_CPU + 1 :])
            known = self._shared[view] = (self.bare(view.kind, view.node[0]), patchers)
        return known

    def bare(self, kind: int, memory: int) -> Cells:
        """Return a memory without the counters."""
        known = self._bare.get((kind, memory))
        if known is None:
            space = self.spaces[kind]
            known = self._bare[(kind, memory)] = without(space, space.memory(memory), self.counters)
        return known

    # interference ----------------------------------------------------------------------------------------

    def _interfere(self, view: View, macro: Macro) -> None:
        """Note what a step of a CPU does to the others."""
        space = self.spaces[view.kind]
        before, after = self.bare(view.kind, view.node[0]), self.bare(view.kind, macro.memory)
        signals = space.signals(macro.signals)
        if before == after and not signals:
            return
        counter = counted(self.kinds[0].machine, space.local(view.node[_CPU]).vcpu, macro)
        if counter is not None and counter not in self.counters:
            raise _Counts(counter)
        if any(isinstance(signal, Post) for signal in signals):
            raise NotProven("an executing CPU sends interrupts")
        effect = _Effect(before, after, macro.signals, view.kind)
        known = self.effects.setdefault(self.shared(view), [])
        if effect not in known:
            known.append(effect)
            for other in list(self.of_shared[self.shared(view)]):
                self._apply(effect, other)

    def _apply(self, effect: _Effect, view: View) -> None:
        """Add the view as it is after a step of another CPU."""
        space = self.spaces[view.kind]
        if self.spaces[effect.kind] is not space:
            raise NotProven("CPUs with different workloads write what they share")
        own = space.memory(view.node[0])
        memory = effect.after
        for counter in self.counters:
            data = read_cells(self.boot, own, counter.address, counter.size)
            memory = write_cells(self.boot, memory, counter.address, data)
        others = [space.received(number, position, 0, effect.signals) if effect.signals else number
                  for position, number in enumerate(view.node) if position]  # fmt: skip
        self._add(View(view.kind, (space.remember(memory), *others)), view, ())

    # what must be so -------------------------------------------------------------------------------------

    def _require_uniform(self, view: View) -> None:
        """Check that CPUs do not look at counters, and that patchers only clear them or wait for one value."""
        space = self.spaces[view.kind]
        for position in range(1, len(view.node)):
            key = (view.kind, view.node[position], space.remember(self.bare(view.kind, view.node[0])))
            if key in self._checked:
                continue
            self._checked.add(key)
            for counter in self._touched(view, position):
                outcomes = self._outcomes(view, position, counter)
                if position == _CPU:
                    require_blind(outcomes)
                else:
                    waited_for(outcomes, view.node[position])

    def _touched(self, view: View, position: int) -> list[Counter]:
        """Return the counters that a vCPU's next step reads or writes."""
        macros = self.spaces[view.kind].macros(view.node[position], view.node[0])
        return [each for each in self.counters if any(each.address & ~7 in macro.touched for macro in macros)]

    def _outcomes(self, view: View, position: int, counter: Counter) -> list[tuple[Outcome, ...]]:
        """Return what a vCPU may do, for each value of a counter."""
        space, found = self.spaces[view.kind], []
        for value in range(PROBES):
            data = value.to_bytes(counter.size, "little")
            memory = space.remember(write_cells(self.boot, space.memory(view.node[0]), counter.address, data))
            found.append(tuple(
                Outcome(
                    macro.local, self.bare(view.kind, macro.memory), macro.signals, bool(macro.findings),
                    self._value(space, macro.memory, counter) - value,
                )
                for macro in space.macros(view.node[position], memory)
            ))  # fmt: skip
        return found

    def _value(self, space: Space, memory: int, counter: Counter) -> int:
        data = read_cells(self.boot, space.memory(memory), counter.address, counter.size)
        return int.from_bytes(data, "little", signed=True)

    def _polls(self) -> Iterator[tuple[object, Counter, int]]:
        """Yield shared states in which a patcher waits for a counter, with the value it waits for."""
        for shared, views in self.of_shared.items():
            view = views[0]
            for position in range(_CPU + 1, len(view.node)):
                for counter in self._touched(view, position):
                    target = waited_for(self._outcomes(view, position, counter), view.node[position])
                    if target is not None:
                        yield shared, counter, target

    def _require_polls(self) -> None:
        """Check that a sum of N times k means that every CPU has contributed k."""
        for shared, counter, target in self._polls():
            values = [self._value(self.spaces[view.kind], view.node[0], counter) for view in self.of_shared[shared]]
            if min(values) < target < max(values) or (min(values) < 0):
                raise NotProven("a CPU may be counted twice where another was not counted yet")

    def _require_progress(self) -> None:
        """Check that the patchers reach done from every shared state, with CPUs that help when waited for."""
        waits = {}
        for shared, counter, target in self._polls():
            waits[shared] = counter, target
        leads: dict[object, set[object]] = {shared: set() for shared in self.of_shared}
        good = set()
        for shared, views in self.of_shared.items():
            space = self.spaces[views[0].kind]
            if space.done(views[0].node):
                good.add(shared)
            helped = [view for view in views if shared not in waits or self._contributed(view, *waits[shared])]
            if shared in waits and not all(self._can_contribute(view, *waits[shared]) for view in views):
                helped = []
            for view in helped:
                for position in range(_CPU + 1, len(view.node)):
                    for macro in self.spaces[view.kind].macros(view.node[position], view.node[0]):
                        node = self.spaces[view.kind].successor(view.node, position, macro)
                        leads[shared].add(self.shared(View(view.kind, node)))
        backwards: dict[object, list[object]] = {}
        for shared, targets in leads.items():
            for led_to in targets:
                backwards.setdefault(led_to, []).append(shared)
        open_ends = list(good)
        while open_ends:
            for shared in backwards.get(open_ends.pop(), ()):
                if shared not in good:
                    good.add(shared)
                    open_ends.append(shared)
        if len(good) < len(self.of_shared):
            raise NotProven("whether done stays reachable could not be shown for every number of CPUs")

    def _contributed(self, view: View, counter: Counter, target: int) -> bool:
        return self._value(self.spaces[view.kind], view.node[0], counter) == target

    def _can_contribute(self, view: View, counter: Counter, target: int) -> bool:
        """Say whether the CPU of a view can, alone and changing nothing else, contribute what is waited for."""
        space, shared = self.spaces[view.kind], self.shared(view)
        seen, pending = {view}, [view]
        while pending:
            here = pending.pop()
            if self._contributed(here, counter, target):
                return True
            for macro in space.macros(here.node[_CPU], here.node[0]):
                after = View(view.kind, space.successor(here.node, _CPU, macro))
                if after not in seen and self.shared(after) == shared:
                    seen.add(after)
                    pending.append(after)
        return False

    def _require_anonymous(self) -> None:
        for space in self.spaces:
            for cpu, reason in space.identified.items():
                if cpu == 0:
                    raise NotProven(f"the guest tells CPUs apart: it {reason}")

    def _parts(self, kind: int, node: Node) -> Parts:
        memory, patchers = self.shared(View(kind, node))
        return kind, memory, self.spaces[kind].local(node[_CPU]), patchers

    # what is reported ------------------------------------------------------------------------------------

    def failed(self, reason: str, finding: Finding | None = None, view: View | None = None,
               last: Path = ()) -> Proof:  # fmt: skip
        choices, interference = [last], 0
        here = view
        while here is not None:
            here, way = self.parents[here]
            interference += not way
            choices.append(way)
        schedule = tuple(choice for way in reversed(choices) for choice in expanded(way))
        return self._result(reason=reason, finding=finding, schedule=schedule, interference=interference)

    def _result(self, *, proven: bool = False, reason: str = "", finding: Finding | None = None,
                schedule: tuple[Choice, ...] = (), interference: int = 0) -> Proof:  # fmt: skip
        executed = frozenset(address for space in self.spaces for _, address in space.executed)
        return Proof(
            proven, reason, len(self.parents), self.steps, finding, schedule, interference, self.counters, executed
        )
