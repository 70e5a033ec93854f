"""Runs of local steps, and what may happen at the boundaries between them.

A local step is noticed by nobody and notices nobody. A CPU's local steps wait until it does something visible, so
one transition runs all of them and then the visible operation. Interrupts may come at every boundary in
between; where the handler provably cannot tell which (``explore/oblivious.py``), the last one stands for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from simulator.explore.oblivious import is_oblivious
from simulator.explore.properties import Track, observe
from simulator.explore.subject import Subject
from simulator.machine.choice import Choice, Kind
from simulator.machine.events import Delivered
from simulator.machine.machine import Move
from simulator.machine.memory import Cells
from simulator.machine.vcpu import FLUSHED, VCpu

LONGEST = 10_000
"""Local steps after which a CPU is taken to compute for ever."""

_ANY_BOUNDARY = (Kind.COMMIT, Kind.PREFETCH, Kind.EVICT)
"""Transitions that commute with local steps of their own CPU too."""


@dataclass(frozen=True, slots=True)
class Reductions:
    """Which reductions are on. All off is the literal transition system; all others need ``merge``."""

    merge: bool = True
    interrupts: bool = True
    dead: bool = True
    symmetry: bool = True


class Local(NamedTuple):
    """One vCPU with what the properties remember of it."""

    vcpu: VCpu
    track: Track


class Boundary(NamedTuple):
    """A place between two local steps, and how to get there."""

    path: tuple[Choice, ...]
    local: Local


class Stretch(NamedTuple):
    """The boundaries of a run of local steps; the last stands in front of something visible, unless ``endless``."""

    boundaries: tuple[Boundary, ...]
    endless: bool


class LocalRuns:
    """Runs vCPUs of one subject up to their next visible operation."""

    def __init__(self, subject: Subject, reductions: Reductions, cover: Callable[[Move], None]) -> None:
        self._machine, self._watch, self._reductions, self._cover = subject.machine, subject.watch, reductions, cover
        self._runs: dict[Local, Stretch] = {}
        self._oblivious: dict[tuple[int, int], bool] = {}

    def run(self, local: Local, memory: Cells) -> Stretch:
        """Return the local steps that a vCPU takes from here on; they are the same against every memory.

        They are also the same whatever the CPU may have fetched of mutable text and whatever interrupt waits.
        """
        vcpu = local.vcpu
        bare = local._replace(vcpu=vcpu._replace(fetch=FLUSHED, requested=()))
        known = self._runs.get(bare)
        if known is None:
            known = self._runs[bare] = self._run(bare, memory)
        if bare == local:
            return known
        return Stretch(tuple(_dressed(boundary, vcpu) for boundary in known.boundaries), known.endless)

    def _run(self, local: Local, memory: Cells) -> Stretch:
        boundaries = [Boundary((), local)]
        seen = {local.vcpu}
        while self._reductions.merge:
            step = self._machine.local_step(local.vcpu, memory)
            if step is None:
                break
            observation = observe(self._watch, local.track, step.vcpu.rip, step.events)
            if observation.findings:
                break  # taken as a transition of its own, which shows the violation
            self._cover(step)
            local = Local(step.vcpu, observation.track)
            if local.vcpu in seen or len(boundaries) > LONGEST:
                return Stretch(tuple(boundaries), endless=True)
            seen.add(local.vcpu)
            boundaries.append(Boundary((*boundaries[-1].path, step.choice), local))
        return Stretch(tuple(boundaries), endless=False)

    def transitions(self, stretch: Stretch, memory: Cells) -> Iterator[tuple[Boundary, Move]]:
        """Yield what a vCPU can do from its run of local steps: at which boundary, and what."""
        last = len(stretch.boundaries) - 1
        later = self._stand_ins(stretch)
        for position, boundary in enumerate(stretch.boundaries):
            vcpu = boundary.local.vcpu
            if position == last and not stretch.endless:
                moves = self._machine.moves(vcpu, memory)
            elif position == 0:
                moves = tuple(move for move in self._machine.moves(vcpu, memory) if not move.local)
            elif set(self._machine.deliverable(vcpu)) <= later[position]:
                continue
            else:
                moves = self._machine.deliveries(vcpu, memory)
            for move in moves:
                again = position > 0 and move.choice.kind in _ANY_BOUNDARY
                if not again and _delivery(move) not in later[position]:
                    yield boundary, move

    def _stand_ins(self, stretch: Stretch) -> list[frozenset[tuple[Kind, int] | None]]:
        """Return, for each boundary, the deliveries that the same one at a later boundary stands for."""
        later = [frozenset[tuple[Kind, int] | None]()] * len(stretch.boundaries)
        if not self._reductions.interrupts or stretch.endless:
            return later
        for position in range(len(stretch.boundaries) - 1, 0, -1):
            vcpu = stretch.boundaries[position].local.vcpu
            here = self._machine.deliverable(vcpu)
            proven = frozenset(each for each in here if self._is_oblivious(vcpu, each[1]))
            later[position - 1] = later[position] | proven
        return later

    def _is_oblivious(self, vcpu: VCpu, vector: int) -> bool:
        known = self._oblivious.get((vcpu.number, vector))
        if known is None:
            known = self._oblivious[(vcpu.number, vector)] = is_oblivious(self._machine, vcpu, vector)
        return known


def _dressed(boundary: Boundary, as_in: VCpu) -> Boundary:
    vcpu = boundary.local.vcpu._replace(fetch=as_in.fetch, requested=as_in.requested)
    return boundary._replace(local=boundary.local._replace(vcpu=vcpu))


def _delivery(move: Move) -> tuple[Kind, int] | None:
    """Return the kind and vector of a delivery that is not an exception of the CPU's own."""
    if move.choice.kind in (Kind.EXECUTE, Kind.FETCH, *_ANY_BOUNDARY):
        return None
    return next(((move.choice.kind, event.vector) for event in move.events if isinstance(event, Delivered)), None)
