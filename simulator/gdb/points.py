"""Breakpoints and watchpoints: what gdb has set, and which of them a transition hits.

They live here and nowhere else; guest memory never shows them. A breakpoint is hit forwards when a CPU *arrives* at
its address, backwards when its instruction is undone, so that it needs no stepping over. A write watchpoint is hit by
the transition that changes memory: for a plain store that is the commit, not the instruction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from simulator.explore.simulate import TraceStep
from simulator.gdb.memory import read
from simulator.machine.choice import Kind
from simulator.machine.events import Executed, Loaded, Stored
from simulator.machine.machine import Machine
from simulator.machine.state import State
from simulator.machine.vcpu import VCpu
from simulator.x86.decode import decode
from simulator.x86.registers import GENERAL

STEPS = frozenset({Kind.EXECUTE, Kind.INTERRUPT, Kind.NMI, Kind.TIMER, Kind.ARRIVE})
"""Transitions that move a CPU's RIP: one instruction, or one delivery."""


class Type(IntEnum):
    """The digit of ``Z`` and ``z``."""

    SOFTWARE = 0
    HARDWARE = 1
    WRITE = 2
    READ = 3
    ACCESS = 4


class Point(NamedTuple):
    """A breakpoint, or a watchpoint of ``size`` bytes."""

    type: Type
    address: int
    size: int


class Hit(NamedTuple):
    """What was hit, as in a stop reply: ``swbreak``, ``watch`` and so on, and the address of a watchpoint."""

    reason: str
    address: int | None = None


_BREAKS = {Type.SOFTWARE: Hit("swbreak"), Type.HARDWARE: Hit("hwbreak")}
_WATCHES = {Type.WRITE: "watch", Type.READ: "rwatch", Type.ACCESS: "awatch"}


class Points:
    """A set of points, sorted for the question that is asked at each transition. Immutable."""

    def __init__(self, machine: Machine, points: Iterable[Point] = ()) -> None:
        self._machine, self._all = machine, frozenset(points)
        self._breaks = {point.address: _BREAKS[point.type] for point in sorted(self._all) if point.type in _BREAKS}
        self._watches = tuple(point for point in sorted(self._all) if point.type in _WATCHES)

    def __contains__(self, address: object) -> bool:
        """Say whether there is a breakpoint at an address."""
        return address in self._breaks

    def set(self, point: Point) -> Points:
        """Return the points with one more."""
        return Points(self._machine, self._all | {point})

    def clear(self, point: Point) -> Points:
        """Return the points with one less."""
        return Points(self._machine, self._all - {point})

    def breakpoint(self, address: int) -> Hit | None:
        """Return the breakpoint at an address."""
        return self._breaks.get(address)

    def forwards(self, step: TraceStep) -> Hit | None:
        """Return what a transition hits when it is taken."""
        if self._watches and (hit := self._watched(step)) is not None:
            return hit
        if self._breaks and step.choice.kind in STEPS:
            return self._breaks.get(step.after.vcpus[step.choice.cpu].rip)
        return None

    def backwards(self, step: TraceStep) -> Hit | None:
        """Return what a transition hits when it is undone."""
        if self._watches and (hit := self._watched(step)) is not None:
            return hit
        if self._breaks and step.choice.kind in STEPS:
            return self._breaks.get(step.before.vcpus[step.choice.cpu].rip)
        return None

    def _watched(self, step: TraceStep) -> Hit | None:
        for point in self._watches:
            changed = point.type is not Type.READ and self._changed(point, step.before, step.after)
            if changed or (point.type is not Type.WRITE and any(self._touched(point, step))):
                return Hit(_WATCHES[point.type], point.address)
        return None

    def _changed(self, point: Point, before: State, after: State) -> bool:
        region = self._machine.boot.region(point.address)
        if region is None:
            return False
        if region.owner is None:
            if before.memory is after.memory:
                return False
        elif before.vcpus[region.owner].private is after.vcpus[region.owner].private:
            return False
        old, new = (read(self._machine, state, point.address, point.size) for state in (before, after))
        return old != new

    def _touched(self, point: Point, step: TraceStep) -> Iterator[bool]:
        """Say of each access of a transition whether it touches a watchpoint that is not for writes alone."""
        region = self._machine.boot.region(point.address)
        start = point.address if region is None else region.canonical(point.address)
        for address, size in _accesses(step, writes=point.type is Type.ACCESS):
            yield start < address + size and address < start + point.size


def _accesses(step: TraceStep, *, writes: bool) -> Iterator[tuple[int, int]]:
    """Yield what a transition accesses: shared memory from its events, private memory from its instruction."""
    for event in step.events:
        if isinstance(event, Loaded) or (writes and isinstance(event, Stored)):
            yield event.address, len(event.data)
        elif isinstance(event, Executed):
            yield from _operands(step.before.vcpus[step.choice.cpu], event, writes=writes)


def _operands(vcpu: VCpu, event: Executed, *, writes: bool) -> Iterator[tuple[int, int]]:
    instruction = decode(event.code, event.address)
    registers = dict(zip(GENERAL, vcpu.general, strict=True))
    bases = {"gs": vcpu.system.gs_base, "fs": vcpu.system.fs_base}
    for operand in instruction.memory if instruction is not None else ():
        if operand.read or (writes and operand.written):
            yield operand.address(registers, bases.get(operand.segment or "", 0)), operand.size
