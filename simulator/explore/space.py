"""The state space in interned form: small integers for memories and vCPUs, moves remembered per pair.

A node is a tuple ``(memory, local, local, ...)`` of numbers. The moves of a vCPU depend on it and on memory
alone, so they are computed once per pair of numbers, however often the pair occurs in the product.

Reductions, each of which can be switched off: local steps are merged and interrupts commute past them
(``reductions/stretch.py``), and what a CPU cannot look at any more is left out: what it has fetched
(``reductions/dead.py``), its registers and private words (``reductions/unread.py``). Here live *symmetry*:
interchangeable vCPUs are kept under the first one's addresses, in sorted order. If the guest is ever seen to tell
them apart, ``Asymmetric`` is raised and the caller starts again without. And *late*: the delivery of an interrupt
and the handler's first visible step are one transition. Between them the CPU takes local steps in constant text, which
commute with everything but a second interrupt posted to it; a flush behind the step makes up for the later one at
delivery (a right mover in front of an atomic step: R. Lipton, "Reduction", CACM 18(12), 1975). Whoever posts to
a CPU that has an interrupt waiting could have posted in between: ``Pressed`` is raised then.
"""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from simulator.explore.properties import Finding, Observation, Track, first_track, observe
from simulator.explore.reductions import Reductions
from simulator.explore.reductions.dead import Interruptible, ends_in_iret, is_shielded, without_dead
from simulator.explore.reductions.stretch import Boundary, Local, LocalRuns, Stretch
from simulator.explore.reductions.unread import NOTHING_LEARNED, Lessons, Unread, applies
from simulator.explore.subject import Subject
from simulator.machine.choice import Choice, Kind, Path, expanded
from simulator.machine.events import (
    NMI_VECTOR,
    Committed,
    Delivered,
    Event,
    Executed,
    Identified,
    Loaded,
    Posted,
    Stored,
)
from simulator.machine.interrupts import TIMER_VECTOR, Post
from simulator.machine.machine import Move, Signal
from simulator.machine.memory import Cells
from simulator.machine.state import State
from simulator.machine.symmetry import renamed
from simulator.machine.vcpu import VCpu

Node = tuple[int, ...]


class Asymmetric(Exception):
    """The guest told interchangeable CPUs apart."""


class Observant(Exception):
    """An interrupt is on its way whose handler may notice where it interrupts."""


class Pressed(Exception):
    """An interrupt is posted to a CPU that has not taken the last one yet."""


class Macro(NamedTuple):
    """One transition of the reduced space: local steps, at most one visible one, and the local steps behind it."""

    choices: Path
    local: int
    memory: int
    signals: int
    """Number of the interned signals; 0 is none."""
    findings: tuple[Finding, ...]
    stale: tuple[Finding, ...]
    touched: frozenset[int]
    """Words of shared memory read or written."""
    behind: int
    """How many of the choices, the last ones, are the local steps behind the visible one."""


class Space:
    """Interned nodes and their successors for one subject."""

    def __init__(self, subject: Subject, reductions: Reductions, lessons: Lessons = NOTHING_LEARNED) -> None:
        self.subject, self.reductions = subject, reductions
        group = subject.interchangeable
        self.group = group if reductions.symmetry and len(group) > 1 else ()
        self.order = tuple(c for c in range(len(subject.initial.vcpus)) if c not in self.group) + self.group
        self.singles = len(self.order) - len(self.group)
        self._patchers = [1 + self.order.index(cpu) for cpu in sorted(subject.watch.patchers)]
        self._locals: list[Local] = []
        self._local_ids: dict[Local, int] = {}
        self._memories: list[Cells] = []
        self._memory_ids: dict[Cells, int] = {}
        self._signals: list[tuple[Signal, ...]] = [()]
        self._signal_ids: dict[tuple[Signal, ...], int] = {(): 0}
        self._moves: dict[tuple[int, int], tuple[Macro, ...]] = {}
        self._stretches: dict[int, Stretch] = {}
        self._local_runs = LocalRuns(subject, reductions, self._cover)
        clears = reductions.merge and reductions.registers and applies(subject.watch)
        self.guesses = clears
        """Whether something is taken for granted that may turn out wrong."""
        self._unread = Unread(subject.machine, subject.watch, lessons) if clears else None
        self.goes_ahead = self._local_runs.goes_ahead
        self._trusting = clears or self.goes_ahead
        self.late = reductions.late and self.goes_ahead
        self._received: dict[tuple[int, int], int] = {}
        self.executed: set[tuple[int, int]] = set()
        """(vCPU, address) of every instruction some schedule executes."""
        self.delivered: set[tuple[int, int]] = set()
        """(vCPU, vector) of every delivery."""
        self.identified: dict[int, str] = {}
        """vCPUs that looked at what tells them apart, and how."""

    # numbers ---------------------------------------------------------------------------------------------

    def node(self, state: State, tracks: tuple[Track, ...]) -> Node:
        """Return the number form of a state, canonical under the symmetry."""
        numbers = [self._local(Local(self._placed(state.vcpus[cpu]), tracks[cpu])) for cpu in self.order]
        return (self._memory(state.memory), *numbers[: self.singles], *sorted(numbers[self.singles :]))

    def initial(self) -> Node:
        """Return the node to start from: the first state, after the local steps that every vCPU takes at once."""
        return self.node(State(self.subject.initial.memory, tuple(each.local.vcpu for each in self._started())),
                         tuple(each.local.track for each in self._started()))  # fmt: skip

    def prelude(self) -> tuple[Choice, ...]:
        """Return the choices that lead from the subject's first state to the first node."""
        paths = [each.path for each in self._started()]
        return tuple(choice._replace(cpu=cpu) for cpu, path in enumerate(paths) for choice in expanded(path))

    def _started(self) -> list[Boundary]:
        memory, first = self.subject.initial.memory, first_track(self.subject.watch)
        return [self._ahead(Local(self._placed(vcpu), first), memory) for vcpu in self.subject.initial.vcpus]

    def local(self, number: int) -> Local:
        """Return the vCPU and track behind a number."""
        return self._locals[number]

    def memory(self, number: int) -> Cells:
        """Return the memory behind a number."""
        return self._memories[number]

    def remember(self, cells: Cells) -> int:
        """Return the number of a memory."""
        return self._memory(cells)

    def signals(self, number: int) -> tuple[Signal, ...]:
        """Return the signals behind a number."""
        return self._signals[number]

    def state(self, node: Node) -> State:
        """Return the state behind a node (up to the symmetry)."""
        by_cpu = dict(zip(self.order, node[1:], strict=True))
        layouts = self.subject.machine.layouts
        vcpus = tuple(renamed(self._locals[by_cpu[cpu]].vcpu, layouts[cpu]) for cpu in range(len(layouts)))
        return State(self._memories[node[0]], vcpus)

    def done(self, node: Node) -> bool:
        """Say whether every patcher is done."""
        return bool(self._patchers) and all(self._locals[node[each]].track.done for each in self._patchers)

    def _placed(self, vcpu: VCpu) -> VCpu:
        if vcpu.number not in self.group:
            return vcpu
        return renamed(vcpu, self.subject.machine.layouts[self.group[0]])

    def _local(self, local: Local, memory: Cells = ()) -> int:
        number = self._local_ids.get(local)
        if number is None:
            lean = self._without_dead(local, memory)
            number = self._local_ids.get(lean)
            if number is None:
                number = self._local_ids[lean] = len(self._locals)
                self._locals.append(lean)
            self._local_ids[local] = number
        return number

    def _without_dead(self, local: Local, memory: Cells) -> Local:
        vcpu = local.vcpu
        if self._trusting:
            self._require_oblivious(vcpu)
        if self._unread is not None:
            vcpu = self._unread.without(vcpu)
            local = local._replace(vcpu=vcpu)
        if not (self.reductions.merge and self.reductions.dead and is_shielded(self.subject.machine, vcpu)):
            return local
        stretch = self._local_runs.run(local, memory)
        boundaries = [boundary.local.vcpu for boundary in stretch.boundaries]
        doomed, flags = ends_in_iret(self.subject.machine, boundaries)
        return local._replace(vcpu=without_dead(vcpu, flags=flags)) if doomed and not stretch.endless else local

    def _require_oblivious(self, vcpu: VCpu) -> None:
        """Raise Observant if an interrupt may come whose handler could look at what it interrupted."""
        coming = set(vcpu.requested)
        if vcpu.nmi_pending or vcpu.nmi_budget:
            coming.add(NMI_VECTOR)
        if vcpu.timer_armed:
            coming.add(TIMER_VECTOR)
        for vector in coming:
            if not self._local_runs.is_oblivious(vcpu, vector):
                raise Observant(f"the handler of vector {vector} may look at what it interrupts")

    def _memory(self, cells: Cells) -> int:
        number = self._memory_ids.get(cells)
        if number is None:
            number = self._memory_ids[cells] = len(self._memories)
            self._memories.append(cells)
        return number

    def _signal(self, signals: tuple[Signal, ...]) -> int:
        number = self._signal_ids.get(signals)
        if number is None:
            number = self._signal_ids[signals] = len(self._signals)
            self._signals.append(signals)
        return number

    # successors ------------------------------------------------------------------------------------------

    def macros(self, local: int, memory: int) -> tuple[Macro, ...]:
        """Return the transitions of one vCPU against one memory."""
        key = (local, memory)
        known = self._moves.get(key)
        if known is None:
            known = self._moves[key] = tuple(self._expand(local, self._memories[memory]))
        return known

    def successor(self, node: Node, position: int, macro: Macro) -> Node:
        """Return the node after the vCPU at ``position`` (1 is the first) takes a transition."""
        numbers = list(node)
        numbers[0], numbers[position] = macro.memory, macro.local
        if macro.signals:
            for other in range(1, len(numbers)):
                if other != position:
                    numbers[other] = self.received(numbers[other], other, position, macro.signals)
        first = self.singles + 1
        if len(numbers) - first > 1:
            numbers[first:] = sorted(numbers[first:])
        return tuple(numbers)

    def received(self, local: int, position: int, sender: int, signals: int) -> int:
        """Return a vCPU's number after the signals of the one at another position."""
        broadcast = sender > self.singles and position > self.singles
        key = (local, -signals if broadcast else signals)
        known = self._received.get(key)
        if known is None:
            vcpu, track = self._locals[local]
            wanted = self._signals[signals]
            if self.late and (vcpu.requested or vcpu.nmi_pending) and any(isinstance(each, Post) for each in wanted):
                raise Pressed("a CPU with an interrupt waiting is sent another")
            if broadcast:  # members of the group stand for each other: "all others" includes this one
                wanted = tuple(self._for_member(signal, vcpu) for signal in wanted)
            known = self._local(Local(self.subject.machine.receive(vcpu, wanted), track))
            self._received[key] = known
        return known

    @staticmethod
    def _for_member(signal: Signal, vcpu: VCpu) -> Signal:
        return Post((vcpu.number,), signal.vector) if isinstance(signal, Post) and signal.targets else signal

    def _expand(self, number: int, memory: Cells) -> list[Macro]:
        stretch = self._stretch(number, memory)
        moves = self._local_runs.transitions(stretch, memory)
        return [self._macro(boundary, move, memory) for boundary, move in moves]

    def _stretch(self, number: int, memory: Cells) -> Stretch:
        known = self._stretches.get(number)
        if known is None:
            known = self._stretches[number] = self._local_runs.run(self._locals[number], memory)
        return known

    def _macro(self, boundary: Boundary, move: Move, memory: Cells) -> Macro:
        observation, ahead = self._follow(boundary, move)
        if self.late and not observation.findings and not observation.stale and _only_delivers(move, memory):
            begun = Boundary((*boundary.path, move.choice, *ahead.path), ahead.local)
            handled = self._handled(begun, memory)
            if handled is not None:
                return handled
        return self._interned(boundary, move, observation, ahead)

    def _handled(self, begun: Boundary, memory: Cells) -> Macro | None:
        """Return the first visible step of a handler that has begun, if there is just one and a flush follows on it."""
        stretch = self._local_runs.run(begun.local, memory)
        steps = tuple(islice(self._local_runs.transitions(stretch, memory), 2))
        if len(steps) != 1:
            return None
        boundary, move = steps[0]
        if move.choice.kind is not Kind.EXECUTE or self.subject.machine.instruction(boundary.local.vcpu.rip) is None:
            return None
        observation, ahead = self._follow(boundary, move)
        if observation.findings or not ahead.flushed:
            return None
        return self._interned(boundary._replace(path=(*begun.path, *boundary.path)), move, observation, ahead)

    def _follow(self, boundary: Boundary, move: Move) -> tuple[Observation, Boundary]:
        """Return what the properties say of a move, and the vCPU after it and the local steps behind it."""
        self._cover(boundary.local.vcpu, move)
        observation = observe(self.subject.watch, boundary.local.track, move.vcpu.rip, move.events)
        after = Local(move.vcpu, observation.track)
        return observation, Boundary((), after) if observation.findings else self._ahead(after, move.memory)

    def _interned(self, boundary: Boundary, move: Move, observation: Observation, ahead: Boundary) -> Macro:
        return Macro(
            (*boundary.path, move.choice, *ahead.path), self._local(ahead.local, move.memory),
            self._memory(move.memory), self._signal(move.signals), observation.findings, observation.stale,
            frozenset(word for event in move.events for word in _words(event)), len(ahead.path),
        )  # fmt: skip

    def _ahead(self, local: Local, memory: Cells) -> Boundary:
        """Return the vCPU after the local steps that it may take at once."""
        if self._trusting:
            self._require_oblivious(local.vcpu)
        return self._local_runs.ahead(local, memory)

    def _cover(self, before: VCpu, move: Move) -> None:
        for event in move.events:
            if isinstance(event, Executed):
                self.executed.add((event.cpu, event.address))
                if self._unread is not None:
                    self._unread.note(before, event.address, move.vcpu.rip)
            elif isinstance(event, Delivered):
                self.delivered.add((event.cpu, event.vector))
            elif isinstance(event, Identified):
                self.identified[event.cpu] = event.reason
                if self.group:
                    raise Asymmetric(event.reason)
            elif isinstance(event, Posted) and event.vector == NMI_VECTOR and self.reductions.dead:
                raise Interruptible("an NMI was sent")


def _only_delivers(move: Move, memory: Cells) -> bool:
    """Say whether a move is the delivery of an interrupt, which nobody else can notice."""
    delivers = move.choice.kind in (Kind.INTERRUPT, Kind.NMI)
    return delivers and move.memory == memory and not move.signals


def _words(event: Event) -> range:
    """Return the words of shared memory that an event is about."""
    if not isinstance(event, Loaded | Stored | Committed):
        return range(0)
    return range(event.address & ~7, event.address + len(event.data), 8)
