"""The search for a fair cycle without done: the states in which some patcher is not done, and the ways between them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import fields
from typing import NamedTuple

from simulator.explore.checker import Options, Progress, look
from simulator.explore.fairness.actions import RUNS, Actions
from simulator.explore.fairness.cycles import Edge, Hop, fair_components, fair_cycle, path_to
from simulator.explore.properties import FAIR_PROGRESS, Finding, first_track, observe
from simulator.explore.reductions import Reductions
from simulator.explore.space import Macro, Node, Space
from simulator.explore.subject import Subject
from simulator.explore.verdict import Bounds, Outcome, Statistics, Verdict
from simulator.machine.choice import Choice, Kind, expanded
from simulator.machine.state import State
from simulator.machine.vcpu import VCpu

KEPT = ("merge", "interrupts")
"""The reductions that this search can use."""


def waits(cpu: int) -> Finding:
    return Finding(FAIR_PROGRESS, "kept-waiting", cpu, 0)


class _Way(NamedTuple):
    """One transition of one vCPU, with its own actions: taken, enabled somewhere on the way, enabled all the way."""

    macro: Macro | None
    """None for one local step of a CPU that computes for ever."""
    choices: tuple[Choice, ...]
    local: int
    taken: int
    some: int
    every: int


class FairSearch:
    """The states in which some patcher is not done, and the ways between them."""

    def __init__(self, subject: Subject, options: Options, actions: Actions) -> None:
        self.subject, self.options, self.actions = subject, options, actions
        wanted = options.reductions
        kept = {each.name: each.name in KEPT and getattr(wanted, each.name) for each in fields(Reductions)}
        self.reductions = Reductions(**kept)
        self.space = Space(subject, self.reductions)
        self.started, self.asked = time.monotonic(), subject.machine.engine.asked
        self.index: dict[Node, int] = {}
        self.nodes: list[Node] = []
        self.parents: list[Hop | None] = []
        self.edges: list[list[Edge]] = []
        self.choices: list[list[tuple[Choice, ...]]] = []
        self.transitions = self.depth = 0
        self._known: dict[tuple[int, int], tuple[int, tuple[_Way, ...]]] = {}

    def explore(self) -> str:
        """Find all states breadth first; return what stopped that, if anything did."""
        self._number(self.space.initial(), None)
        every, layer_end = self.options.limits.look_every, 1
        next_look = every
        for number, node in enumerate(self.nodes):  # grows
            if number == layer_end:
                self.depth, layer_end = self.depth + 1, len(self.nodes)
            self._expand(number, node)
            if self.transitions >= next_look:
                next_look = self.transitions + every
                stopped = self._stopped()
                if stopped:
                    return stopped
        return ""

    def _number(self, node: Node, parent: Hop | None) -> int:
        number = self.index.setdefault(node, len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
            self.parents.append(parent)
        return number

    def _expand(self, number: int, node: Node) -> None:
        edges: list[Edge] = []
        choices: list[tuple[Choice, ...]] = []
        owns = [self._own(local, node[0], cpu) for cpu, local in enumerate(node[1:])]
        everybody = sum(enabled for enabled, _ in owns)
        for position, (enabled, ways) in enumerate(owns, 1):
            others = everybody - enabled
            for way in ways:
                self.transitions += 1
                after = self._after(node, position, way)
                if self.space.done(after):
                    continue
                target = self._number(after, Hop(number, len(edges)))
                edges.append(Edge(target, way.taken, others | way.some, others | way.every))
                choices.append(way.choices)
        self.edges.append(edges)
        self.choices.append(choices)

    def _after(self, node: Node, position: int, way: _Way) -> Node:
        if way.macro is None:
            return (*node[:position], way.local, *node[position + 1 :])
        return self.space.successor(node, position, way.macro)

    def _own(self, local: int, memory: int, cpu: int) -> tuple[int, tuple[_Way, ...]]:
        """Return the enabled actions of a vCPU, and its transitions; they depend on it and on memory alone."""
        known = self._known.get((local, memory))
        if known is None:
            known = self._known[(local, memory)] = self._ways(local, memory, cpu)
        return known

    def _ways(self, local: int, memory: int, cpu: int) -> tuple[int, tuple[_Way, ...]]:
        found = [macro for macro in self.space.macros(local, memory) if not macro.findings]
        macros = [(macro, tuple(expanded(macro.choices))) for macro in found]
        start, enabled = self.space.local(local).vcpu, 0
        step = None
        if not any(choices[-1].kind in RUNS for _, choices in macros):
            step = self._stepped(local, memory, cpu)
        for choices in (*(choices for _, choices in macros), *((step.choices,) if step is not None else ())):
            enabled |= self.actions.taken(self.subject.machine, start, choices[0])
        ways = [self._way(macro, choices, start, memory, enabled) for macro, choices in macros]
        if step is not None:
            ways.append(step._replace(some=enabled, every=enabled))
        return enabled, tuple(ways)

    def _way(self, macro: Macro, choices: tuple[Choice, ...], start: VCpu, memory: int, enabled: int) -> _Way:
        machine, actions = self.subject.machine, self.actions
        taken, some, every, here = 0, enabled, enabled, start
        for number, choice in enumerate(choices):
            taken |= actions.taken(machine, here, choice)
            if number and (start.requested or start.nmi_pending):
                waiting = actions.waiting(machine, here)
                some, every = some | waiting, every & (waiting | ~actions.deliveries)
            if number < len(choices) - 1:
                step = machine.local_step(here, self.space.memory(memory))
                assert step is not None, "all but the last of a transition's choices are local steps"
                here = step.vcpu
        return _Way(macro, choices, macro.local, taken, some, every)

    def _stepped(self, local: int, memory: int, cpu: int) -> _Way | None:
        """Return the next local step of a CPU that never does anything else."""
        cells, old = self.space.memory(memory), self.space.local(local)
        move = self.subject.machine.local_step(old.vcpu, cells)
        if move is None:
            return None
        track = observe(self.subject.watch, old.track, move.vcpu.rip, move.events).track
        vcpus, tracks = (
            [*self.subject.initial.vcpus],
            [first_track(self.subject.watch)] * len(self.subject.initial.vcpus),
        )
        vcpus[cpu], tracks[cpu] = move.vcpu, track
        number = self.space.node(State(cells, tuple(vcpus)), tuple(tracks))[cpu + 1]
        return _Way(None, (move.choice,), number, self.actions.bit(cpu, Kind.EXECUTE), 0, 0)

    def _stopped(self) -> str:
        states, seconds = len(self.nodes), time.monotonic() - self.started
        return look(self.options, Progress(states, self.transitions, states - len(self.edges), self.depth, seconds))

    # what is reported ------------------------------------------------------------------------------------

    def verdict(self, stopped: str) -> Verdict:
        """Return the answer: the lasso that begins earliest, or none."""
        if stopped:
            return self._verdict(Outcome.INCOMPLETE, stopped_by=stopped)
        weak, strong = self.actions.weak, self.actions.strong
        found = min(fair_components(self.edges, weak, strong), key=lambda each: min(each.states), default=None)
        if found is None:
            return self._verdict(Outcome.SAFE)
        start = min(found.states)
        cycle = fair_cycle(self.edges, found, start, weak, strong)
        stem, loop = self._schedule(path_to(self.parents, start)), self._schedule(cycle)
        tracks = (self.space.local(self.nodes[start][cpu + 1]).track for cpu in sorted(self.subject.watch.patchers))
        cpu = next(
            cpu for cpu, track in zip(sorted(self.subject.watch.patchers), tracks, strict=True) if not track.done
        )
        return self._verdict(Outcome.VIOLATION, waits(cpu), stem + loop, len(loop))

    def _schedule(self, hops: Sequence[Hop]) -> tuple[Choice, ...]:
        return tuple(choice for hop in hops for choice in self.choices[hop.state][hop.edge])

    def _verdict(self, outcome: Outcome, finding: Finding | None = None, schedule: tuple[Choice, ...] = (),
                 loop: int = 0, stopped_by: str = "") -> Verdict:  # fmt: skip
        config, watch = self.subject.machine.config, self.subject.watch
        patchers, left = len(watch.patchers), len(self.nodes) - len(self.edges)
        bounds = Bounds(
            len(self.subject.initial.vcpus) - patchers, patchers, config.profile.name, config.data_model,
            tuple(sorted({*watch.properties, FAIR_PROGRESS})),
            tuple(name for name in KEPT if self.reductions.merge and getattr(self.reductions, name)),
        )  # fmt: skip
        statistics = Statistics(
            len(self.nodes), self.transitions, self.depth, time.monotonic() - self.started,
            self.subject.machine.engine.asked - self.asked, 0, left,
        )  # fmt: skip
        return Verdict(outcome, bounds, statistics, finding, schedule, (), stopped_by, loop=loop)
