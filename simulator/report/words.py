"""One transition in a kernel developer's words: facts for tables, lanes and JSON.

A fact has a rank. MILESTONE is a step of the protocol or a change of text, SEEN is what a CPU executed at a patch
site, DETAIL is everything else that other CPUs could notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from simulator.explore.properties import BREAKPOINT, INT3, WatchedSite
from simulator.explore.simulate import TraceStep
from simulator.guest.image import Image
from simulator.machine.events import (
    NMI_VECTOR,
    Committed,
    Delivered,
    Event,
    Executed,
    Faulted,
    Fetched,
    Flushed,
    Loaded,
    Posted,
    Returned,
    Shutdown,
    Undefined,
)
from simulator.scenario.build import Built
from simulator.x86.decode import Instruction, decode, disassemble

VECTORS = {0: "#DE", 2: "NMI", 3: "#BP", 6: "#UD", 8: "#DF", 13: "#GP", 14: "#PF", 0xEC: "timer", 0xFB: "sync IPI"}
_MANY = 3


class Rank(Enum):
    """How much of a fact's business it is to be in a summary."""

    MILESTONE = "milestone"
    SEEN = "seen"
    DETAIL = "detail"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a vCPU did, in words."""

    number: int
    """Of the transition, as in ``#12``."""
    cpu: int
    rank: Rank
    text: str
    label: str = ""
    """For SEEN: ``old``, ``int3``, ``new``, ``self``, or ``torn`` when it is none of them."""
    site: str = ""


class Narrator:
    """Tells what the transitions of one built scenario mean. Immutable."""

    def __init__(self, built: Built) -> None:
        self.built, self.image = built, built.image
        self.sites: tuple[WatchedSite, ...] = built.subject.watch.sites
        pieces = built.routine.pieces if built.routine else ()
        self._pieces = {piece.start: piece.name for piece in pieces}
        self._ends = built.subject.watch.ends
        self._entries = {symbol.address: symbol.name for symbol in built.image.symbols if symbol.kind == "function"}

    def facts(self, steps: Iterable[TraceStep]) -> Iterator[Fact]:
        """Yield the facts of an execution, without a CPU's immediate repetitions (it spins)."""
        said: dict[int, str] = {}
        handler: dict[int, int] = {}
        for step in steps:
            for event in step.events:
                if isinstance(event, Delivered):
                    handler[event.cpu] = event.handler
            for fact in self.step(step, handler.get(step.choice.cpu)):
                if fact.rank is not Rank.DETAIL or said.get(fact.cpu) != fact.text:
                    yield fact
                said[fact.cpu] = fact.text

    def step(self, step: TraceStep, handler: int | None = None) -> Iterator[Fact]:
        """Yield the facts of one transition; entering ``handler`` was already told by its delivery."""
        returned = any(isinstance(event, Returned) for event in step.events)
        faulted = {event.vector for event in step.events if isinstance(event, Faulted)}
        for event in step.events:
            if isinstance(event, Executed):
                fact = self._executed(step.number, event) if event.address != handler else None
            elif isinstance(event, Committed):
                fact = self._committed(step.number, event)
            elif (isinstance(event, Flushed) and returned) or (
                isinstance(event, Delivered) and event.vector in faulted
            ):
                fact = None  # told by the IRET, by the fault
            else:
                fact = self._told(step.number, event)
            if fact is not None:
                yield fact

    # names -----------------------------------------------------------------------------------------------

    def where(self, address: int) -> str:
        """Return ``symbol+0xoff/0xsize``."""
        return self.image.symbols.describe(address)

    def function(self, address: int) -> str:
        """Return the name of the function that an address lies in; the address where it has none."""
        symbol = self.image.symbols.at(address)
        return symbol.name if symbol is not None else f"{address:#x}"

    def variable(self, address: int) -> str:
        """Return the name of a variable, with an offset where there is one."""
        name, _, rest = self.where(address).partition("+")
        offset = rest.partition("/")[0]
        return name if offset in ("", "0x0") else f"{name}+{offset}"

    def entry(self, address: int) -> str:
        """Return what begins at an address: a step of the protocol, a function, or nothing."""
        if address in self._pieces:
            return self._pieces[address]
        return f"{self._entries[address]}()" if address in self._entries else ""

    def site_at(self, address: int) -> WatchedSite | None:
        """Return the patch site that an address lies in."""
        return next((site for site in self.sites if site.address <= address < site.end), None)

    def piece_at(self, address: int) -> str | None:
        """Return the step of the protocol that an address of the patcher's routine belongs to."""
        routine = self.built.routine
        pieces = routine.pieces if routine else ()
        return next((piece.name for piece in pieces if piece.start <= address < piece.end), None)

    # facts -----------------------------------------------------------------------------------------------

    def _executed(self, number: int, event: Executed) -> Fact | None:
        if event.mutable and event.address not in self._pieces:
            return self._seen(number, event)
        watch = self.built.subject.watch
        if event.address == watch.done and event.cpu in watch.patchers:
            return Fact(number, event.cpu, Rank.MILESTONE, "patcher done")
        entry = self.entry(event.address)
        if not entry:
            return None
        patching = event.address in self._pieces or (event.cpu in watch.patchers and not self._pieces)
        rank = Rank.MILESTONE if patching or event.address in self._ends else Rank.DETAIL
        return Fact(number, event.cpu, rank, entry)

    def _seen(self, number: int, event: Executed) -> Fact:
        site = self.site_at(event.address)
        code = event.code.hex(" ")
        stale = " (stale)" if event.stale else ""
        if site is None:
            return Fact(number, event.cpu, Rank.DETAIL, f"executes {code} at {self.where(event.address)}{stale}")
        label = label_of(site, event.code, event.address - site.address)
        where = f"{site.name}: " if len(self.sites) > 1 else ""
        return Fact(number, event.cpu, Rank.SEEN, f"executes {where}{code} = {label}{stale}", label, site.name)

    def _committed(self, number: int, event: Committed) -> Fact:
        touched = any(
            site.address < event.address + len(event.data) and event.address < site.end for site in self.sites
        )
        if touched:
            text = f"{event.data.hex(' ')} visible at {self.where(event.address)}"
            return Fact(number, event.cpu, Rank.MILESTONE, text)
        return Fact(number, event.cpu, Rank.DETAIL, f"{self.variable(event.address)} = {_value(event.data)} visible")

    def _told(self, number: int, event: Event) -> Fact | None:
        text = self._text(event)
        rank = Rank.MILESTONE if isinstance(event, Posted) and not self._pieces else Rank.DETAIL
        return Fact(number, event.cpu, rank, text) if text else None

    def _text(self, event: Event) -> str:
        match event:
            case Fetched(_, address, code):
                return f"fetches {code.hex(' ')} of {self.where(address)}"
            case Loaded(_, address, data):
                return f"reads {self.variable(address)} = {_value(data)}"
            case Delivered(_, vector, interrupted, _):
                between = ", saved RIP" if vector == BREAKPOINT else " at"
                return f"{vector_name(vector)}{between} {self.where(interrupted)}"
            case Returned(_, to):
                return f"IRET to {self.where(to)}"
            case Posted(_, targets, vector):
                kind = "NMI" if vector == NMI_VECTOR else f"IPI {vector:#04x}"
                names = ", ".join(f"vCPU{cpu}" for cpu in targets) if len(targets) <= _MANY else "all others"
                return f"sends {kind} to {names or 'nobody'}"
            case Flushed():
                return "serializes"
            case Faulted(_, vector, address, _, reason):
                return f"{vector_name(vector)} at {self.where(address)}: {reason}"
            case Undefined(_, address, code):
                return f"undefined: {code.hex(' ')} at {self.where(address)} (rule R7)"
            case Shutdown(_, reason):
                return f"triple fault: {reason}"
            case _:
                return ""


def vector_name(vector: int) -> str:
    """Return ``#BP`` for 3, and so on."""
    return VECTORS.get(vector, f"vector {vector:#04x}")


def label_of(site: WatchedSite, code: bytes, offset: int = 0) -> str:
    """Return which of the instructions of a site this is; those of five one-byte NOPs are old too."""
    if (offset, code) in _parts(site):
        return "old"
    if offset:
        return "torn"
    if code == INT3:
        return "int3"
    if code in site.transients:
        return "self"
    if code not in site.versions:
        return "torn"
    number = site.versions.index(code)
    if number == 0:
        return "old"
    return "new" if number == len(site.versions) - 1 else f"new{number}"


def _parts(site: WatchedSite) -> list[tuple[int, bytes]]:
    items = disassemble(site.versions[0], site.address)
    return [(item.address - site.address, item.code) for item in items if isinstance(item, Instruction)]


def disassembled(image: Image, code: bytes, address: int) -> str:
    """Return an instruction as ``objdump -d`` has it, with the name of where it leads."""
    instruction = decode(code, address)
    if instruction is None:
        return "(bad)"
    if instruction.length < len(code):
        rest = disassembled(image, code[instruction.length :], instruction.end)
        return f"{instruction.text}; {rest}"
    if instruction.target is None:
        return instruction.text
    return f"{instruction.mnemonic} <{image.symbols.describe(instruction.target)}>"


def _value(data: bytes) -> str:
    number = int.from_bytes(data, "little")
    return str(number) if len(data) > 8 or number < 1 << 16 else f"{number:#x}"
