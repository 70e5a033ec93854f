"""Exhaustive breadth-first search: every schedule, the shortest counterexample, and whether done stays reachable."""

from __future__ import annotations

import resource
import sys
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from simulator.explore.liveness import first_hopeless
from simulator.explore.properties import Finding
from simulator.explore.records import Records
from simulator.explore.reductions import Reductions
from simulator.explore.reductions.dead import Interruptible
from simulator.explore.reductions.stretch import Lengthy
from simulator.explore.reductions.unread import NOTHING_LEARNED, Lessons, Misjudged
from simulator.explore.space import Asymmetric, Macro, Node, Observant, Pressed, Space
from simulator.explore.subject import Subject
from simulator.explore.verdict import Bounds, Outcome, Statistics, Verdict
from simulator.machine.choice import Choice, expanded
from simulator.machine.state import State
from simulator.machine.vcpu import FLUSHED

_REHEARSAL = 300
"""Turns of every vCPU in the schedule that is followed before the search."""

_LOOK_EVERY = 1024
_STUCK = ("progress", "stuck")


@dataclass(frozen=True, slots=True)
class Limits:
    """When to give up; None is never. Memory is the whole process's, in MiB."""

    states: int | None = None
    transitions: int | None = None
    seconds: float | None = None
    memory: int | None = None

    @property
    def look_every(self) -> int:
        """Transitions between two looks at the clock, the memory and these limits."""
        return min(_LOOK_EVERY, self.states or _LOOK_EVERY, self.transitions or _LOOK_EVERY)


class Progress(NamedTuple):
    """What a progress line shows."""

    states: int
    transitions: int
    frontier: int
    depth: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Options:
    """How to search."""

    reductions: Reductions = field(default_factory=Reductions)
    limits: Limits = field(default_factory=Limits)
    collect: bool = False
    """Go on after a violation and collect every kind, instead of stopping at the shortest.

    No step that violates something is followed, and where one is possible the patcher does not count as stuck.
    """
    progress: Callable[[Progress], None] | None = None


def look(options: Options, sofar: Progress) -> str:
    """Show how far a search is, and return the limit that it has reached; empty if none."""
    limits = options.limits
    if options.progress is not None:
        options.progress(sofar)
    if limits.states is not None and sofar.states >= limits.states:
        return f"limit of {limits.states:,} states"
    if limits.transitions is not None and sofar.transitions >= limits.transitions:
        return f"limit of {limits.transitions:,} transitions"
    if limits.seconds is not None and sofar.seconds >= limits.seconds:
        return f"limit of {limits.seconds:g} seconds"
    if limits.memory is not None and _memory_mib() >= limits.memory:
        return f"limit of {limits.memory:,} MiB of memory"
    return ""


def check(subject: Subject, options: Options = Options()) -> Verdict:
    """Explore every schedule of ``subject``.

    Breadth first over transitions, so the first violation met is one with the fewest. Ctrl-C ends the search
    with an INCOMPLETE verdict and what was covered.
    """
    started, notes, lessons = time.monotonic(), list[str](), NOTHING_LEARNED
    while True:
        try:
            return _Search(subject, options, tuple(notes), started, lessons).run()
        except Misjudged as reason:
            lessons = reason.lessons
        except Asymmetric as reason:
            notes.append(f"no symmetry: the guest {reason}")
            options = replace(options, reductions=replace(options.reductions, symmetry=False))
        except Interruptible as reason:
            notes.append(f"nothing fetched is left out as dead: {reason}")
            options = replace(options, reductions=replace(options.reductions, dead=False))
        except Pressed as reason:
            notes.append(f"handlers do not run at once: {reason}")
            options = replace(options, reductions=replace(options.reductions, late=False))
        except Lengthy as reason:
            notes.append(f"registers are kept: {reason}")
            options = replace(options, reductions=replace(options.reductions, registers=False))
        except Observant as reason:
            notes.append(f"local steps wait and registers are kept: {reason}")
            options = replace(options, reductions=replace(options.reductions, ahead=False, registers=False))


class _Graph:
    """What breadth-first search leaves behind, for paths and for liveness. Nodes are kept packed."""

    def __init__(self, width: int) -> None:
        self.index: dict[bytes, int] = {}
        self.nodes = Records(width)
        self.pack = self.nodes.pack
        self.parents = array("q")
        self.edges = array("I")
        self.offsets = array("Q", (0,))

    def add(self, packed: bytes, parent: int) -> int:
        """Return the number of a new node."""
        number = self.index[packed] = len(self.parents)
        self.nodes.append(packed)
        self.parents.append(parent)
        return number


class _Search:
    """One breadth-first search."""

    def __init__(self, subject: Subject, options: Options, notes: tuple[str, ...], started: float,
                 lessons: Lessons = NOTHING_LEARNED) -> None:  # fmt: skip
        self.subject, self.options, self.notes, self.started = subject, options, notes, started
        self.space = Space(subject, options.reductions, lessons)
        self.graph = _Graph(1 + len(self.space.order))
        self.asked = subject.machine.engine.asked
        self.transitions = 0
        self.depth = 0
        self.expanded = 0
        self.done: list[int] = []
        self.violated: list[int] = []
        self.first: tuple[int, int, Macro, Finding] | None = None
        self.kinds: dict[tuple[str, str], None] = {}

    def run(self) -> Verdict:
        self.graph.add(self.graph.pack(*self.space.initial()), -1)
        try:
            self._rehearse()
            stopped = self._explore()
        except KeyboardInterrupt:
            stopped = "Ctrl-C"
        collect = self.options.collect
        if self.first is not None and (not stopped or not collect):
            number, position, macro, finding = self.first
            if collect and self._hopeless() is not None:
                self.kinds[_STUCK] = None
            return self._verdict(Outcome.VIOLATION, finding, self._schedule(number, (position, macro)))
        if stopped:
            return self._verdict(Outcome.INCOMPLETE, stopped_by=stopped)
        hopeless = self._hopeless()
        if hopeless is not None:
            finding = Finding(*_STUCK, hopeless[1], 0)
            self.kinds[_STUCK] = None
            return self._verdict(Outcome.VIOLATION, finding, self._schedule(hopeless[0], None))
        unmet = self._unmet()
        return self._verdict(Outcome.VACUOUS if unmet else Outcome.SAFE, unmet=unmet)

    # the search ------------------------------------------------------------------------------------------

    def _rehearse(self) -> None:
        """Follow one schedule, so that a wrong guess shows before there is much to be searched again."""
        space = self.space
        node = space.initial()
        for turn in range(_REHEARSAL if space.guesses else 0):
            for position in range(1, len(node)):
                macros = [macro for macro in space.macros(node[position], node[0]) if not macro.findings]
                if macros:
                    node = space.successor(node, position, macros[turn % len(macros)])
            if space.done(node):
                break

    def _explore(self) -> str:
        graph, space = self.graph, self.space
        nodes, index, edges, offsets = graph.nodes, graph.index, graph.edges, graph.offsets
        macros, successor, singles, pack, add = space.macros, space.successor, space.singles, graph.pack, graph.add
        collect, every, layer_end = self.options.collect, self.options.limits.look_every, 1
        next_look = every
        number = 0
        while number < len(graph.parents):
            if number == layer_end:
                self.depth += 1
                layer_end = len(graph.parents)
            node = nodes[number]
            done = space.done(node)
            if done:
                self.done.append(number)
            memory, last = node[0], -1
            for position in range(1, len(node)):
                local = node[position]
                if position > singles and local == last:
                    continue  # an equal twin has the same moves
                last = local
                for macro in macros(local, memory):
                    self.transitions += 1
                    if macro.findings or (done and macro.stale):
                        self._found(number, position, macro, done)
                        if not collect:
                            return ""
                        if macro.findings:
                            continue
                    target = pack(*successor(node, position, macro))
                    known = index.get(target)
                    edges.append(add(target, number) if known is None else known)
            offsets.append(len(edges))
            number += 1
            self.expanded = number
            if self.transitions >= next_look:
                next_look = self.transitions + every
                stopped = self._look()
                if stopped:
                    return stopped
        return ""

    def _found(self, number: int, position: int, macro: Macro, done: bool) -> None:
        findings = (*macro.findings, *(macro.stale if done else ()))
        for finding in findings:
            self.kinds[(finding.property, finding.kind)] = None
        self.violated.append(number)
        if self.first is None:
            self.first = (number, position, macro, findings[0])

    def _look(self) -> str:
        states, seconds = len(self.graph.parents), time.monotonic() - self.started
        return look(self.options, Progress(states, self.transitions, states - self.expanded, self.depth, seconds))

    def _hopeless(self) -> tuple[int, int] | None:
        """Return a state from which done cannot be reached any more, with a patcher that waits there."""
        watch = self.subject.watch
        if not watch.patchers or "progress" not in watch.properties:
            return None
        number = first_hopeless(self.graph.edges, self.graph.offsets, (*self.done, *self.violated))
        return None if number is None else (number, min(watch.patchers))

    def _unmet(self) -> tuple[str, ...]:
        addresses = sorted({address for _, address in self.space.executed})
        return tuple(
            demand.name
            for demand in self.subject.demands
            if not any(demand.start <= address < demand.end for address in addresses)
        )

    # what is reported ------------------------------------------------------------------------------------

    def _schedule(self, number: int, last: tuple[int, Macro] | None) -> tuple[Choice, ...]:
        """Return the choices that lead to node ``number`` and then take ``last``, on the real vCPUs.

        Nodes are canonical, so the path is walked again from the first state: at each step some vCPU has the
        transition that leads to the next canonical node.
        """
        path = []
        while number >= 0:
            path.append(self.graph.nodes[number])
            number = self.graph.parents[number]
        path.reverse()
        walk = Walk(self.space)
        for target in path[1:]:
            walk.to(target)
        if last is not None:
            position, macro = last
            walk.take(position, macro._replace(choices=macro.choices[: len(macro.choices) - macro.behind]))
        return tuple(walk.choices)

    def _verdict(self, outcome: Outcome, finding: Finding | None = None, schedule: tuple[Choice, ...] = (), *,
                 unmet: tuple[str, ...] = (), stopped_by: str = "") -> Verdict:  # fmt: skip
        states = len(self.graph.parents)
        statistics = Statistics(
            states, self.transitions, self.depth, time.monotonic() - self.started,
            self.subject.machine.engine.asked - self.asked, len(self.done), states - self.expanded,
        )  # fmt: skip
        return Verdict(outcome, self._bounds(), statistics, finding, schedule, unmet, stopped_by, tuple(self.kinds))

    def _bounds(self) -> Bounds:
        config, watch = self.subject.machine.config, self.subject.watch
        patchers = len(watch.patchers)
        used = self.options.reductions
        on = {
            "merge": used.merge, "interrupts": used.merge and used.interrupts, "dead": used.merge and used.dead,
            "ahead": self.space.goes_ahead, "late": self.space.late, "registers": used.merge and used.registers,
            "symmetry": bool(self.space.group),
        }  # fmt: skip
        reductions = tuple(name for name, is_on in on.items() if is_on)
        return Bounds(
            len(self.subject.initial.vcpus) - patchers, patchers, config.profile.name, config.data_model,
            tuple(sorted(watch.properties)), reductions, self.notes,
        )  # fmt: skip


class Walk:
    """A path through canonical nodes, retraced on the vCPUs that really take the steps."""

    def __init__(self, space: Space) -> None:
        self.space, self.choices = space, list(space.prelude())
        self._numbers = list(space.initial())
        self._cpus = list(space.order)

    def to(self, target: Node) -> None:
        """Take the first transition that leads to ``target``."""
        space, here = self.space, self._sorted()
        for position in range(1, len(here)):
            for macro in space.macros(here[position], here[0]):
                if not macro.findings and space.successor(here, position, macro) == target:
                    self.take(position, macro)
                    return
        raise AssertionError("a path that was explored cannot be walked again")

    def take(self, position: int, macro: Macro) -> None:
        """Take a transition of the vCPU at a canonical position."""
        self._sort()
        cpu = self._cpus[position - 1]
        self.choices.extend(choice._replace(cpu=cpu) for choice in expanded(macro.choices))
        numbers = self._numbers
        numbers[0], numbers[position] = macro.memory, macro.local
        if macro.signals:
            for other in range(1, len(numbers)):
                if other != position:
                    numbers[other] = self.space.received(numbers[other], other, position, macro.signals)

    def _sort(self) -> None:
        first = self.space.singles
        pairs = sorted(zip(self._numbers[first + 1 :], self._cpus[first:], strict=True))
        self._numbers[first + 1 :] = [number for number, _ in pairs]
        self._cpus[first:] = [cpu for _, cpu in pairs]

    def _sorted(self) -> Node:
        self._sort()
        return tuple(self._numbers)


def final_states(subject: Subject, reductions: Reductions) -> frozenset[State]:
    """Return every state in which nothing can happen any more, with fetch states left out of account.

    A state whose only way on is a violation is not one of them. Raises Asymmetric, Interruptible,
    Observant, Lengthy or Misjudged where a reduction does not hold.
    """
    search = _Search(subject, Options(reductions, collect=True), (), time.monotonic())
    search.graph.add(search.graph.pack(*search.space.initial()), -1)
    search._explore()
    offsets, space = search.graph.offsets, search.space
    leaves = (
        search.graph.nodes[number] for number in range(len(offsets) - 1) if offsets[number] == offsets[number + 1]
    )
    ends = (node for node in leaves if not any(space.macros(local, node[0]) for local in node[1:]))
    return frozenset(_architectural(space, node) for node in ends)


def _architectural(space: Space, node: Node) -> State:
    state = space.state(node)
    return State(state.memory, tuple(vcpu._replace(fetch=FLUSHED) for vcpu in state.vcpus))


def _memory_mib() -> int:
    """Return what the process holds now; where /proc does not say, the most it ever held."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 20
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // (1024 if sys.platform != "darwin" else 1024 * 1024)
