"""What can happen next, in words: the choices a person picks from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulator.machine.choice import Choice, Kind
from simulator.machine.events import Committed, Event, Executed, Fetched
from simulator.machine.machine import Machine, Move
from simulator.machine.state import State
from simulator.machine.vcpu import VCpu
from simulator.report.words import Narrator, disassembled, label_of, vector_name


class Option(NamedTuple):
    """One choice, and what it would do."""

    choice: Choice
    text: str


def options(narrator: Narrator, machine: Machine, state: State) -> tuple[Option, ...]:
    """Return everything that can happen next, in the machine's order."""
    return tuple(
        Option(move.choice, _text(narrator, machine, vcpu, move))
        for vcpu in state.vcpus
        for move in machine.moves(vcpu, state.memory)
    )


def _text(narrator: Narrator, machine: Machine, vcpu: VCpu, move: Move) -> str:
    kind = move.choice.kind
    if kind in (Kind.INTERRUPT, Kind.NMI, Kind.TIMER, Kind.ARRIVE):
        vector = dict(machine.deliverable(vcpu))[kind]
        return {Kind.TIMER: "timer fires", Kind.ARRIVE: "an NMI from outside"}.get(kind, f"take {vector_name(vector)}")
    if kind in (Kind.PREFETCH, Kind.EVICT):
        granule = machine.text.granules[move.choice.argument]
        verb = "read ahead" if kind is Kind.PREFETCH else "drop"
        return f"{verb} {narrator.where(granule)}"
    return next(_event_texts(narrator, move.events), str(move.choice))


def _event_texts(narrator: Narrator, events: tuple[Event, ...]) -> Iterator[str]:
    for event in events:
        if isinstance(event, Executed):
            yield executes(narrator, event.address, event.code, mutable=event.mutable, stale=event.stale)
        elif isinstance(event, Fetched):
            yield f"fetch {event.code.hex(' ')} .."
        elif isinstance(event, Committed):
            yield f"{stored(narrator, event.address, event.data)} visible"


def executes(narrator: Narrator, address: int, code: bytes, *, mutable: bool, stale: int) -> str:
    """Return an instruction about to be executed; at a patch site the bytes matter more than the text."""
    site = narrator.site_at(address) if mutable else None
    text = disassembled(narrator.image, code, address)
    if site is None:
        return text
    age = ", stale" if stale else ""
    return f"{code.hex(' ')} ({label_of(site, code, address - site.address)}{age})"


def stored(narrator: Narrator, address: int, data: bytes) -> str:
    """Return what a store makes of a variable; of a patch site, the bytes."""
    value = data.hex(" ") if narrator.site_at(address) else f"{int.from_bytes(data, 'little'):#x}"
    return f"{narrator.variable(address)} = {value}"
