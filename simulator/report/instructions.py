"""Every transition on a line of its own, after ftrace: who, when, where, which bytes, what, from which source line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulator.explore.simulate import TraceStep
from simulator.machine.events import Executed
from simulator.report.words import Narrator
from simulator.x86.decode import decode


def instructions(narrator: Narrator, steps: Iterable[TraceStep]) -> Iterator[str]:
    """Yield the lines of an execution: instructions, and behind a star what is not one."""
    image = narrator.image
    for step in steps:
        start = f"vCPU{step.choice.cpu}  #{step.number:<5} "
        for event in step.events:
            if isinstance(event, Executed):
                instruction = decode(event.code, event.address)
                text = instruction.text if instruction else "(bad)"
                source = image.source(event.address)
                where = narrator.where(event.address)
                line = f"{start} {where:<28} {event.code.hex(' '):<21} {text}"
                yield f"{line:<90} {source}" if source else line
        for fact in narrator.step(step):
            yield f"{start} * {fact.text}"
