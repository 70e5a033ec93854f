"""Every execution of a litmus test: its final states, with what was executed on the way.

A node is a tuple of numbers: memory, the event atoms that have come true, and each vCPU. A vCPU that no interrupt
can enter takes its local steps at once: nobody notices them, and they notice nobody.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from simulator.litmus.build import Built, BuiltSite
from simulator.litmus.condition import Executes
from simulator.machine.choice import Choice
from simulator.machine.events import NMI_VECTOR, Event, Executed, Undefined
from simulator.machine.machine import Move, Signal
from simulator.machine.memory import Cells
from simulator.machine.state import State
from simulator.machine.vcpu import FLUSHED, IF, VCpu

Node = tuple[int, ...]
Watched = Sequence[Executes]

LIMIT = 1_000_000
_LONGEST = 10_000
"""Local steps after which a CPU is taken to compute for ever."""


class Final(NamedTuple):
    """A state in which nothing can happen any more, without what the CPUs have fetched."""

    state: State
    seen: frozenset[Executes]
    """The event atoms that are true of the execution."""


class Step(NamedTuple):
    """One transition of one vCPU with the local steps behind it, in numbers."""

    choices: tuple[Choice, ...]
    vcpu: int
    memory: int
    signals: tuple[Signal, ...]
    matches: tuple[tuple[int, int | None], ...]
    """Event atoms by number that come true, each with the CPU that has to have finished."""
    undefined: bool


class Interned:
    """Values and their numbers."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, value: Any) -> int:
        """Return the number of a value."""
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = len(self.values)
            self.values.append(value)
        return found


class Outcomes:
    """The executions of one built test, searched breadth first when made, up to ``limit`` states."""

    def __init__(self, built: Built, watched: Watched = (), *, limit: int = LIMIT) -> None:
        self.built, self._watched = built, tuple(watched)
        vectors = {handler.vector for handler in built.litmus.handlers}
        self._interrupts, self._nmis = bool(vectors), NMI_VECTOR in vectors
        self._memories, self._vcpus = Interned(), Interned()
        self._steps: dict[tuple[int, int], tuple[Step, ...]] = {}
        self._received: dict[tuple[int, tuple[Signal, ...]], int] = {}
        self._parents: dict[Node, tuple[Node, tuple[Choice, ...]] | None] = {}
        self._finals: dict[Final, Node] = {}
        self._undefined: tuple[Node, tuple[Choice, ...]] | None = None
        self._prelude: list[Choice] = []
        self.complete = False
        """Whether every execution was followed to its end."""
        self._search(limit)

    @property
    def states(self) -> int:
        """Return how many states were found."""
        return len(self._parents)

    @property
    def finals(self) -> tuple[Final, ...]:
        """Return every final state, in the order of their distance from the first state."""
        return tuple(self._finals)

    @property
    def undefined(self) -> bool:
        """Say whether some execution is undefined; none is followed beyond that."""
        return self._undefined is not None

    def witness(self, wanted: Callable[[Final], bool]) -> tuple[Choice, ...] | None:
        """Return a shortest execution to a final state that is wanted, as choices from the first state."""
        for final, node in self._finals.items():
            if wanted(final):
                return self._path(node, ())
        return None

    def undefined_witness(self) -> tuple[Choice, ...] | None:
        """Return a shortest execution to something undefined."""
        return self._path(*self._undefined) if self._undefined is not None else None

    # the search ------------------------------------------------------------------------------------------

    def _search(self, limit: int) -> None:
        initial, ahead = self.built.initial, list[int]()
        memory = self._memories.number(initial.memory)
        for vcpu in initial.vcpus:
            started, choices = self._ahead(vcpu, initial.memory)
            self._prelude.extend(choices)
            ahead.append(self._vcpus.number(started))
        first: Node = (memory, 0, *ahead)
        self._parents[first] = None
        todo = deque([first])
        while todo:
            node = todo.popleft()
            final = True
            for position in range(2, len(node)):
                for step in self._steps_of(node[position], node[0]):
                    final = False
                    if step.undefined:
                        self._undefined = self._undefined or (node, step.choices)
                        continue
                    after = self._after(node, position, step)
                    if after not in self._parents:
                        self._parents[after] = (node, step.choices)
                        todo.append(after)
            if final:
                self._finals.setdefault(self._final(node), node)
            if len(self._parents) > limit:
                return
        self.complete = True

    def _after(self, node: Node, position: int, step: Step) -> Node:
        numbers = list(node)
        for atom, after in step.matches:
            if after is None or self._finished(node[2 + after]):
                numbers[1] |= 1 << atom
        numbers[0], numbers[position] = step.memory, step.vcpu
        if step.signals:
            for other in range(2, len(numbers)):
                if other != position:
                    numbers[other] = self._receive(numbers[other], step.signals)
        return tuple(numbers)

    def _receive(self, number: int, signals: tuple[Signal, ...]) -> int:
        key = (number, signals)
        known = self._received.get(key)
        if known is None:
            after = self.built.machine.receive(self._vcpus.values[number], signals)
            known = self._received[key] = self._vcpus.number(after)
        return known

    def _finished(self, number: int) -> bool:
        vcpu: VCpu = self._vcpus.values[number]
        return vcpu.halted and vcpu.rip == self.built.ends[vcpu.number]

    def _final(self, node: Node) -> Final:
        vcpus = tuple(self._vcpus.values[number]._replace(fetch=FLUSHED) for number in node[2:])
        seen = frozenset(atom for number, atom in enumerate(self._watched) if node[1] >> number & 1)
        return Final(State(self._memories.values[node[0]], vcpus), seen)

    def _path(self, node: Node, last: tuple[Choice, ...]) -> tuple[Choice, ...]:
        pieces = [last]
        while (parent := self._parents[node]) is not None:
            node, choices = parent
            pieces.append(choices)
        return (*self._prelude, *(choice for piece in reversed(pieces) for choice in piece))

    # transitions -----------------------------------------------------------------------------------------

    def _steps_of(self, vcpu: int, memory: int) -> tuple[Step, ...]:
        key = (vcpu, memory)
        known = self._steps.get(key)
        if known is None:
            moves = self.built.machine.moves(self._vcpus.values[vcpu], self._memories.values[memory])
            known = self._steps[key] = tuple(map(self._step, moves))
        return known

    def _step(self, move: Move) -> Step:
        vcpu, behind = self._ahead(move.vcpu, move.memory)
        matches = tuple(match for event in move.events for match in self._matches(event))
        undefined = any(isinstance(event, Undefined) for event in move.events)
        memory = self._memories.number(move.memory)
        return Step((move.choice, *behind), self._vcpus.number(vcpu), memory, move.signals, matches, undefined)

    def _ahead(self, vcpu: VCpu, memory: Cells) -> tuple[VCpu, tuple[Choice, ...]]:
        """Return the vCPU after the local steps that it may take at once."""
        choices: list[Choice] = []
        while len(choices) < _LONGEST and not (self._interrupts and (self._nmis or vcpu.rflags & IF)):
            step = self.built.machine.local_step(vcpu, memory)
            if step is None:
                break
            vcpu = step.vcpu
            choices.append(step.choice)
        return vcpu, tuple(choices)

    def _matches(self, event: Event) -> Iterator[tuple[int, int | None]]:
        if not self._watched or not isinstance(event, Executed):
            return
        for site in self.built.sites:
            kinds = executed(site, event)
            for number, atom in enumerate(self._watched):
                if atom.cpu == event.cpu and atom.site == site.name and atom.what in kinds:
                    yield number, atom.after


def executed(site: BuiltSite, event: Executed) -> tuple[str, ...]:
    """Return what an instruction is at a site: versions that have it there, ``int3``, or ``torn``.

    Nothing if it does not touch the site.
    """
    end = event.address + max(len(event.code), 1)
    if end <= site.start or site.end <= event.address:
        return ()
    known = site.instructions.get((event.address, event.code))
    if known is not None:
        return known
    boundaries = {address for address, _ in site.instructions}
    return ("int3",) if event.code == b"\xcc" and event.address in boundaries else ("torn",)
