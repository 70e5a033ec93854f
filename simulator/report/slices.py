"""What each CPU was in, and from when to when: functions, handlers, and steps of the protocol, nested.

Calls and returns are read off the instructions, handlers off their delivery and the IRET that ends them. Where code
goes somewhere without a call (a tail call, the jump at a patch site, a task switch), the innermost is replaced.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.explore.simulate import TraceStep
from simulator.machine.events import Delivered, Executed, Faulted, Returned
from simulator.report.words import Narrator, vector_name
from simulator.x86.decode import Flow, decode

FUNCTION, HANDLER, STEP = "function", "handler", "step"
_BREAKPOINT = 3


class Slice(NamedTuple):
    """One stay of a CPU in something, from step ``start`` to step ``end``, both in it; ``depth`` 0 is the outermost."""

    cpu: int
    depth: int
    kind: str
    name: str
    start: int
    end: int


@dataclass(slots=True)
class _Frame:
    kind: str
    name: str
    start: int
    interrupted: int | None = None
    """For a handler: where its frame leads back to; None for #BP, whose handler may change that."""
    calling: bool = False
    """For a handler: whether it came between a call and the first instruction of what was called."""


@dataclass(slots=True)
class _Cpu:
    number: int
    frames: list[_Frame] = field(default_factory=list)
    calling: bool = False
    last: int = 0
    """The last step of this CPU."""
    closed: list[Slice] = field(default_factory=list)

    def open(self, kind: str, name: str, step: int) -> _Frame:
        self.frames.append(_Frame(kind, name, step))
        return self.frames[-1]

    def close(self, end: int) -> _Frame:
        frame = self.frames.pop()
        self.closed.append(
            Slice(self.number, len(self.frames), frame.kind, frame.name, frame.start, max(end, frame.start))
        )
        return frame


def slices(narrator: Narrator, steps: Iterable[TraceStep]) -> tuple[Slice, ...]:
    """Return what every CPU was in, by CPU and start, the outer before the inner."""
    cpus: dict[int, _Cpu] = {}
    for step in steps:
        cpu = cpus.setdefault(step.choice.cpu, _Cpu(step.choice.cpu))
        faulted = any(isinstance(event, Faulted) for event in step.events)
        leaving = False
        for event in step.events:
            if isinstance(event, Executed):
                _enter(cpu, narrator, event.address, step.number)
                leaving = not faulted and _goes(cpu, event)
            elif isinstance(event, Delivered):
                _interrupt(cpu, event, step.number)
            elif isinstance(event, Returned):
                _return(cpu, event.to, step.number)
        if leaving and cpu.frames and cpu.frames[-1].kind == FUNCTION:
            cpu.close(step.number)
        cpu.last = step.number
    for cpu in cpus.values():
        while cpu.frames:
            cpu.close(cpu.last)
    found = (each for cpu in cpus.values() for each in cpu.closed)
    return tuple(sorted(found, key=lambda each: (each.cpu, each.start, each.depth)))


def _enter(cpu: _Cpu, narrator: Narrator, address: int, step: int) -> None:
    """Stand at an instruction: open what was called, or what the CPU went to without a call."""
    name, piece = narrator.function(address), narrator.piece_at(address)
    if cpu.frames and cpu.frames[-1].kind == STEP and cpu.frames[-1].name != piece:
        cpu.close(cpu.last)
    top = cpu.frames[-1] if cpu.frames else None
    if top is not None and top.kind == STEP:
        return
    if top is None or cpu.calling or top.kind == HANDLER:
        cpu.open(FUNCTION, name, step)
    elif top.name != name:
        cpu.close(cpu.last)
        cpu.open(FUNCTION, name, step)
    cpu.calling = False
    if piece is not None:
        cpu.open(STEP, piece, step)


def _goes(cpu: _Cpu, event: Executed) -> bool:
    """Note a call; say whether the instruction leaves the function."""
    instruction = decode(event.code, event.address)
    flow = instruction.flow if instruction is not None else Flow.NEXT
    cpu.calling = flow is Flow.CALL
    if flow is Flow.RET and cpu.frames and cpu.frames[-1].kind == STEP:
        cpu.close(cpu.last)
    return flow is Flow.RET


def _interrupt(cpu: _Cpu, event: Delivered, step: int) -> None:
    frame = cpu.open(HANDLER, vector_name(event.vector), step)
    frame.interrupted = None if event.vector == _BREAKPOINT else event.interrupted
    frame.calling, cpu.calling = cpu.calling, False


def _return(cpu: _Cpu, to: int, step: int) -> None:
    """End the innermost handler; any other IRET is a CPU that serializes."""
    handler = next((frame for frame in reversed(cpu.frames) if frame.kind == HANDLER), None)
    if handler is None or handler.interrupted not in (None, to):
        return
    while cpu.close(step) is not handler:
        pass
    cpu.calling = handler.calling
