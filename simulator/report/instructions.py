"""Every transition on a line of its own, after ftrace: who, when, where, which bytes, what, from which source line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulator.explore.simulate import TraceStep
from simulator.machine.events import Executed
from simulator.report.words import Narrator, disassembled


def instructions(narrator: Narrator, steps: Iterable[TraceStep]) -> Iterator[str]:
    """Yield the lines of an execution: instructions, and behind a star what is not one."""
    image = narrator.image
    for step in steps:
        start = f"vCPU{step.choice.cpu}  #{step.number:<5} "
        entries = set()
        for event in step.events:
            if isinstance(event, Executed):
                entry = "" if event.mutable else narrator.entry(event.address)
                if entry:
                    entries.add(entry)
                    yield f"{start} {entry}:"
                source = image.source(event.address)
                where = narrator.where(event.address)
                line = f"{start} {where:<28} {event.code.hex(' '):<30} {disassembled(image, event.code, event.address)}"
                yield f"{line:<104} {source}" if source else line
        yield from (f"{start} * {fact.text}" for fact in narrator.step(step) if fact.text not in entries)
