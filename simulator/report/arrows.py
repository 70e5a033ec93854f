"""What in an execution led to what: an IPI to its delivery, a store into text to who first fetched it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.explore.simulate import TraceStep
from simulator.machine.events import Committed, Delivered, Executed, Fetched, Posted, Stored
from simulator.report.words import Narrator, vector_name

IPI, TEXT = "ipi", "text"


class Arrow(NamedTuple):
    """From a step of one CPU to a step of another, or of the same."""

    kind: str
    name: str
    start: int
    """The step that sent the IPI or executed the store."""
    through: int
    """The step in which it became visible: that of the commit; of an IPI, the start."""
    end: int
    """The step of the delivery or of the fetch."""


@dataclass(frozen=True, slots=True)
class _Write:
    """A change of text in memory, the bytes that it changed, and who has seen it."""

    start: int
    through: int
    changed: dict[int, int]
    name: str
    seen: set[int] = field(default_factory=set)


def arrows(narrator: Narrator, steps: Sequence[TraceStep]) -> tuple[Arrow, ...]:
    """Return the arrows of an execution by the step they end in."""
    found = [*_interrupts(steps), *_texts(narrator, steps)]
    return tuple(sorted(found, key=lambda arrow: (arrow.end, arrow.start, arrow.kind, arrow.name)))


def _interrupts(steps: Sequence[TraceStep]) -> Iterator[Arrow]:
    waiting: dict[tuple[int, int], list[int]] = {}
    for step in steps:
        for event in step.events:
            if isinstance(event, Posted):
                for cpu in event.targets:
                    waiting.setdefault((cpu, event.vector), []).append(step.number)
            elif isinstance(event, Delivered):
                for start in waiting.pop((event.cpu, event.vector), ()):
                    yield Arrow(IPI, vector_name(event.vector), start, start, step.number)


def _texts(narrator: Narrator, steps: Sequence[TraceStep]) -> Iterator[Arrow]:
    """Follow stores into text. What a CPU fetched is from the last write that changed a byte to that value."""
    mutable = narrator.built.subject.machine.text
    stored: dict[tuple[int, int], int] = {}
    writes: list[_Write] = []
    for step in steps:
        for event in step.events:
            if isinstance(event, Stored) and mutable.is_mutable(event.address, event.address + len(event.data)):
                stored.update({(event.cpu, event.address + at): step.number for at in range(len(event.data))})
            elif isinstance(event, Committed) and mutable.is_mutable(event.address, event.address + len(event.data)):
                start = stored.get((event.cpu, event.address), step.number)
                name = f"{event.data.hex(' ')} at {narrator.where(event.address)}"
                writes.append(_Write(start, step.number, _changed(narrator, step, event), name))
            elif (isinstance(event, Executed) and event.mutable) or isinstance(event, Fetched):
                for write in _first_seen(writes, event.cpu, event.address, event.code):
                    yield Arrow(TEXT, write.name, write.start, write.through, step.number)


def _changed(narrator: Narrator, step: TraceStep, event: Committed) -> dict[int, int]:
    text = narrator.built.subject.machine.text
    change = text.change(step.before.memory, step.after.memory, event.address, len(event.data))
    if change is None:
        return {}
    return {
        change.address + at: new
        for at, (old, new) in enumerate(zip(change.old, change.new, strict=True))
        if old != new
    }  # fmt: skip


def _first_seen(writes: Sequence[_Write], cpu: int, address: int, code: bytes) -> Iterator[_Write]:
    """Yield the writes that a fetch saw and that its CPU had not seen before."""
    for at, value in enumerate(code, address):
        write = next((each for each in reversed(writes) if each.changed.get(at) == value), None)
        if write is not None and cpu not in write.seen:
            write.seen.add(cpu)
            yield write
