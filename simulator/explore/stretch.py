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
from simulator.machine.vcpu import VCpu

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
        self._oblivious: dict[tuple[int, int], bool] = {}

    def run(self, local: Local, memory: Cells) -> Stretch:
        """Return the local steps that a vCPU takes from here on; they are the same against every memory."""
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
        for position, boundary in enumerate(stretch.boundaries):
            vcpu = boundary.local.vcpu
            if position == last and not stretch.endless:
                moves = self._machine.moves(vcpu, memory)
            elif position == 0:
                moves = tuple(move for move in self._machine.moves(vcpu, memory) if not move.local)
            else:
                moves = self._machine.deliveries(vcpu, memory)
            for move in moves:
                again = position > 0 and move.choice.kind in _ANY_BOUNDARY
                if not again and not self._comes_later(move, stretch, position, memory):
                    yield boundary, move

    def _comes_later(self, move: Move, stretch: Stretch, position: int, memory: Cells) -> bool:
        """Say whether the same delivery at a later boundary stands for this one."""
        delivery = _delivery(move)
        if delivery is None or not self._reductions.interrupts or stretch.endless:
            return False
        for boundary in reversed(stretch.boundaries[position + 1 :]):
            vcpu = boundary.local.vcpu
            if any(_delivery(later) == delivery for later in self._machine.deliveries(vcpu, memory)):
                return self._is_oblivious(vcpu, delivery[1])
        return False

    def _is_oblivious(self, vcpu: VCpu, vector: int) -> bool:
        known = self._oblivious.get((vcpu.number, vector))
        if known is None:
            known = self._oblivious[(vcpu.number, vector)] = is_oblivious(self._machine, vcpu, vector)
        return known


def _delivery(move: Move) -> tuple[Kind, int] | None:
    """Return the kind and vector of a delivery that is not an exception of the CPU's own."""
    if move.choice.kind in (Kind.EXECUTE, Kind.FETCH, *_ANY_BOUNDARY):
        return None
    return next(((move.choice.kind, event.vector) for event in move.events if isinstance(event, Delivered)), None)
