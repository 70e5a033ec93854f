"""What a task did wrong under a consistency model, in words: which task, which functions, and of which universes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.explore.properties import Finding
from simulator.explore.simulate import TraceStep
from simulator.explore.universes import Past, Universes, interrupting, shown, step
from simulator.machine.events import Event, Executed
from simulator.report.words import Narrator
from simulator.scenario.holders import program_of
from simulator.x86.decode import decode


def mixed(narrator: Narrator, universes: Universes, finding: Finding, steps: Sequence[TraceStep]) -> str:
    """Return one line about a function that does not fit what its task, or its handler, executed before it."""
    past = Past()
    since: dict[tuple[int, int], str] = {}
    who, before = _who(narrator, finding.cpu, past), ""
    for number, event in _events(finding.cpu, steps):
        last, (past, wrong) = past, step(universes, past, event)
        owner = (past.slot, len(past.handlers))
        if wrong:
            span = "in one interrupt" if interrupting(past) else "with no safe point between"
            who, before = _who(narrator, finding.cpu, past), f" after {since[owner]}, {span}"
        if isinstance(event, Executed) and event.address in universes.versions and shown(past) != shown(last):
            since[owner] = f"{narrator.function(event.address)}(), {_named(shown(past))} (#{number})"
    function, mask = narrator.function(finding.address), universes.versions[finding.address]
    return f"{who} executed {function}(), {_named(mask)},{before}"


def led_back(narrator: Narrator, universes: Universes, finding: Finding, steps: Sequence[TraceStep]) -> str:
    """Return one line about a stub that leads to an old function where only the last universe should be left."""
    past = Past()
    for _, event in _events(finding.cpu, steps):
        past, _ = step(universes, past, event)
    jump = decode(finding.code, finding.address)
    target = finding.address if jump is None or jump.target is None else jump.target
    last = max(universes.versions.values()).bit_length() - 1
    return (
        f"{_who(narrator, finding.cpu, past)} was led to {narrator.function(target)}(), "
        f"{_named(universes.versions[target])}, at {narrator.where(finding.address)}: "
        f"the patcher is done, only universe {last} is left"
    )


def _events(cpu: int, steps: Sequence[TraceStep]) -> Iterator[tuple[int, Event]]:
    """Yield what one CPU did, with the number of the step."""
    return ((each.number, event) for each in steps if each.choice.cpu == cpu for event in each.events)


def _who(narrator: Narrator, cpu: int, past: Past) -> str:
    """Return who runs on a CPU; a #BP handler acts for whom it interrupted."""
    if interrupting(past):
        return f"vCPU{cpu}'s interrupt handler"
    return f"vCPU{cpu}'s task {past.slot} ({program_of(narrator.built, cpu, past.slot)})"


def _named(mask: int) -> str:
    """Return the universes of a mask: 0 is that before the first patch."""
    numbers = [str(number) for number in range(mask.bit_length()) if mask >> number & 1]
    return f"universe{'s' if len(numbers) > 1 else ''} {' and '.join(numbers)}"
