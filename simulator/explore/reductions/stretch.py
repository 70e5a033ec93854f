"""Runs of local steps, and what may happen at the boundaries between them.

A local step is noticed by nobody and notices nobody. A CPU's local steps wait until it does something visible, so
one transition runs all of them and then the visible operation. Interrupts may come at every boundary in
between; where the handler provably cannot tell which (``oblivious.py``), the last one stands for all.

Taken *ahead*, local steps do not even wait: they follow at once on what the CPU did before, where every interrupt
that could come on the way could come at their end too. Serializing instructions then count as local. Later would
be no worse for the CPU: whatever it may fetch after flushing late it may fetch after flushing early, since text
that was stored in between can be read as it is or as it was. So the run with the early flush shows every
violation of the other. Not so where text that was stored without a sync must not be executed (rule R7): there the
early flush makes a violation of what the other goes on from, so serializing instructions wait.

A delivery, on the other hand, may come *late*: nobody notices it, so it can wait until the handler is about to do
its first visible step (``explore/space.py`` takes the two as one).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from simulator.explore.properties import Track, observe
from simulator.explore.reductions import Reductions
from simulator.explore.reductions.oblivious import is_oblivious
from simulator.explore.subject import Subject
from simulator.machine.burst import Burst
from simulator.machine.choice import Kind, Path, Repeated
from simulator.machine.events import Delivered
from simulator.machine.machine import Move
from simulator.machine.memory import Cells
from simulator.machine.vcpu import FLUSHED, VCpu

LONGEST = 10_000
"""Local steps, taken one by one, after which a CPU is taken to compute for ever."""

FARTHEST = 50_000_000
"""The same for steps taken in bursts."""

_PATIENCE, _LENGTHY = 512, 2_000
"""Local steps before a burst is tried, and again after one that did not get far; before other reductions give way."""

_ANY_BOUNDARY = (Kind.COMMIT, Kind.PREFETCH, Kind.EVICT)
"""Transitions that commute with local steps of their own CPU too."""


class Lengthy(Exception):
    """A CPU computes for long, in bursts whose instructions nobody sees one by one."""


class Local(NamedTuple):
    """One vCPU with what the properties remember of it."""

    vcpu: VCpu
    track: Track


class Boundary(NamedTuple):
    """A place between two local steps, and how to get there."""

    path: Path
    local: Local
    flushed: bool = False
    """The way there empties the fetch state."""


class Stretch(NamedTuple):
    """The boundaries of a run of local steps; the last stands in front of something visible, unless ``endless``."""

    boundaries: tuple[Boundary, ...]
    endless: bool
    ahead: int = 0
    """The boundary up to which the steps may be taken at once."""


class LocalRuns:
    """Runs vCPUs of one subject up to their next visible operation."""

    def __init__(self, subject: Subject, reductions: Reductions, cover: Callable[[VCpu, Move], None]) -> None:
        self._machine, self._watch, self._reductions, self._cover = subject.machine, subject.watch, reductions, cover
        self.goes_ahead = reductions.merge and reductions.interrupts and reductions.ahead
        self._flushes_ahead = self.goes_ahead and not subject.machine.config.profile.strict
        self._bursts = self.goes_ahead and subject.watch.universes is None
        self._stops = _watched(subject)
        self._runs: dict[Local, Stretch] = {}
        self._oblivious: dict[tuple[int, int], bool] = {}

    def run(self, local: Local, memory: Cells) -> Stretch:
        """Return the local steps that a vCPU takes from here on; they are the same against every memory.

        They are also the same whatever the CPU may have fetched of mutable text and whatever interrupt waits.
        """
        bare = self._bare(local, memory)
        return bare._replace(boundaries=tuple(_dressed(boundary, local.vcpu) for boundary in bare.boundaries))

    def ahead(self, local: Local, memory: Cells) -> Boundary:
        """Return a vCPU after the local steps that it may take at once."""
        if not self.goes_ahead:
            return Boundary((), local)
        bare = self._bare(local, memory)
        return _dressed(bare.boundaries[bare.ahead], local.vcpu)

    def _bare(self, local: Local, memory: Cells) -> Stretch:
        """Return the run of a vCPU that has fetched nothing of mutable text and for which no interrupt waits."""
        bare = Local(local.vcpu._replace(fetch=FLUSHED, requested=()), local.track)
        known = self._runs.get(bare)
        if known is None:
            known = self._runs[bare] = self._run(bare, memory)
        return known

    def _run(self, local: Local, memory: Cells) -> Stretch:
        boundaries = [Boundary((), local)]
        seen = {local.vcpu}
        ahead, endless, far = 0, False, 0
        next_burst = _LENGTHY if self._reductions.registers else _PATIENCE
        doors = {_door(local.vcpu)}
        while self._reductions.merge:
            step = self._machine.local_step(local.vcpu, memory, flush=self._flushes_ahead)
            if step is None:
                break
            door = _door(step.vcpu)
            as_open = all(_as_open(door, each) for each in doors)
            if step.flush and not as_open:
                break  # it cannot be taken ahead, and must not be taken late
            observation = observe(self._watch, local.track, step.vcpu.rip, step.events)
            if observation.findings:
                break  # taken as a transition of its own, which shows the violation
            self._cover(local.vcpu, step)
            local = Local(step.vcpu, observation.track)
            endless = local.vcpu in seen or len(boundaries) > LONGEST
            if endless:
                break
            seen.add(local.vcpu)
            doors.add(door)
            flushed = boundaries[-1].flushed or step.flush
            ahead = len(boundaries) if as_open else ahead
            boundaries.append(Boundary((*boundaries[-1].path, step.choice), local, flushed))
            if self._bursts and len(boundaries) >= next_burst:
                burst = self._burst(local, memory)
                if burst.steps:
                    local, far = Local(burst.vcpu, local.track), far + burst.steps
                    ahead = len(boundaries) if as_open else ahead
                    path = (*boundaries[-1].path, Repeated(step.choice, burst.steps))
                    boundaries.append(Boundary(path, local, flushed))
                    endless = far >= FARTHEST
                next_burst = len(boundaries) + (1 if burst.steps >= _PATIENCE else _PATIENCE)
                if endless:
                    break
        return Stretch(tuple(boundaries), endless, ahead)

    def _burst(self, local: Local, memory: Cells) -> Burst:
        """Run on at native speed. No interrupt flag changes on the way, so the end stands for every boundary passed."""
        if self._reductions.registers:
            raise Lengthy("a CPU computes for long between two visible operations")
        burst = self._machine.burst(local.vcpu, FARTHEST, self._stops)
        inside = any(site.address < burst.vcpu.rip < site.end for site in self._watch.sites)
        return self._machine.burst(local.vcpu, burst.steps - 1, self._stops) if inside else burst

    def transitions(self, stretch: Stretch, memory: Cells) -> Iterator[tuple[Boundary, Move]]:
        """Yield what a vCPU can do from its run of local steps: at which boundary, and what."""
        last = len(stretch.boundaries) - 1
        later = self._stand_ins(stretch)
        for position, boundary in enumerate(stretch.boundaries):
            vcpu = boundary.local.vcpu
            if position == last and not stretch.endless:
                moves = self._machine.moves(vcpu, memory)
            elif position == 0:
                moves = self._machine.moves(vcpu, memory)
                moves = tuple(move for move in moves if move.choice.kind is not Kind.EXECUTE)
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
            proven = frozenset(each for each in here if self.is_oblivious(vcpu, each[1]))
            later[position - 1] = later[position] | proven
        return later

    def is_oblivious(self, vcpu: VCpu, vector: int) -> bool:
        """Say whether the handler of a vector provably cannot tell where it interrupts the vCPU's local steps."""
        known = self._oblivious.get((vcpu.number, vector))
        if known is None:
            known = self._oblivious[(vcpu.number, vector)] = is_oblivious(self._machine, vcpu, vector)
        return known


def _watched(subject: Subject) -> frozenset[int]:
    """Return the addresses that somebody wants to see executed one by one."""
    watch = subject.watch
    demanded = (address for demand in subject.demands for address in range(demand.start, demand.end))
    return frozenset((*watch.ends, *demanded, *(() if watch.done is None else (watch.done,))))


class _Door(NamedTuple):
    """What keeps interrupts out."""

    in_service: int
    """Priority class of the highest interrupt in service; 0: none."""
    interrupts_on: bool
    nmi_blocked: bool


def _door(vcpu: VCpu) -> _Door:
    return _Door(vcpu.in_service[-1] >> 4 if vcpu.in_service else 0, vcpu.interrupts_on, vcpu.nmi_blocked)


def _as_open(later: _Door, earlier: _Door) -> bool:
    """Say whether every interrupt that could be delivered at ``earlier`` could be at ``later``."""
    above = later.in_service <= earlier.in_service
    return above and later.interrupts_on >= earlier.interrupts_on and later.nmi_blocked <= earlier.nmi_blocked


def _dressed(boundary: Boundary, as_in: VCpu) -> Boundary:
    """Return a boundary of a bare run with what the vCPU has fetched, and the interrupts that wait for it."""
    path, (vcpu, track), flushed = boundary
    if vcpu.fetch == as_in.fetch and vcpu.requested == as_in.requested:
        return boundary
    fetch = FLUSHED if flushed else as_in.fetch
    return Boundary(path, Local(vcpu._replace(fetch=fetch, requested=as_in.requested), track), flushed)


def _delivery(move: Move) -> tuple[Kind, int] | None:
    """Return the kind and vector of a delivery that is not an exception of the CPU's own."""
    if move.choice.kind in (Kind.EXECUTE, Kind.FETCH, *_ANY_BOUNDARY):
        return None
    return next(((move.choice.kind, event.vector) for event in move.events if isinstance(event, Delivered)), None)
