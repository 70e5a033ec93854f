"""What an abstract run knows of the places a CPU may look at: registers, flags and words of its private memory.

Each place starts as a token for what it holds. Where an instruction uses a token, its place is *live*; where the path
depends on it (a return address, a pointer), the run goes on with the value it has, and the answer holds for that
value only.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from simulator.machine.machine import Machine
from simulator.machine.memory import Access, Cells, read_cells
from simulator.machine.vcpu import VCpu, stack_of
from simulator.x86.decode import Instruction
from simulator.x86.registers import GENERAL

LONGEST = 4_000
"""Instructions after which an abstract run is given up."""

FLAGS = 16
"""The place of the status flags; 0 to 15 are the registers, and addresses are words of private memory."""

_TSS_IST1 = 0x24


class Token(NamedTuple):
    """What a place held at the start and nobody has looked at yet."""

    place: int


Value = Token | int | None
"""A token, a known number, or None: computed, and of no further interest."""


class Code(Protocol):
    """What there is to run, and what may be guessed of it."""

    def instructions(self, rip: int) -> tuple[Instruction, ...]:
        """Return every instruction that may be executed at an address."""

    def targets(self, instruction: Instruction) -> frozenset[int]:
        """Guess where an instruction leads whose target was computed."""

    def stays_apart(self, instruction: Instruction) -> bool:
        """Guess that a computed address is not one of private memory."""


class Lost(Exception):
    """The abstract run met something it cannot vouch for."""


def held(machine: Machine, vcpu: VCpu, place: int) -> int:
    if place < len(GENERAL):
        return vcpu.general[place]
    return _word(machine, vcpu.private, place)


def _word(machine: Machine, private: Cells, address: int) -> int:
    return int.from_bytes(read_cells(machine.boot, private, address, 8), "little")


class Places:
    """What one abstract run has found to be live and depended on, and what it may ask of the machine."""

    def __init__(self, machine: Machine, vcpu: VCpu, code: Code) -> None:
        self._machine, self._vcpu, self._code = machine, vcpu, code
        self.live: set[int] = set()
        self.demanded: dict[int, int] = {}
        self.counted = 0
        """Instructions that were taken."""

    def count(self) -> None:
        """Count an instruction. Raises Lost where they are too many."""
        self.counted += 1
        if self.counted > LONGEST:
            raise Lost

    def use(self, value: Value) -> None:
        """Note that an instruction looks at a value."""
        if isinstance(value, Token):
            self.live.add(value.place)

    def need(self, value: Value) -> int:
        """Return the number behind a value that the path depends on."""
        if isinstance(value, Token):
            self.live.add(value.place)
            found = self.demanded[value.place] = held(self._machine, self._vcpu, value.place)
            return found
        if value is None:
            raise Lost
        return value

    def pointer(self, value: Value) -> int | None:
        """Return the number behind a value if it is an address of private memory or text, else None."""
        number = held(self._machine, self._vcpu, value.place) if isinstance(value, Token) else value
        if number is None:
            return None
        if self.is_private(number) or self._machine.boot.permits(number, int(Access.EXECUTE)):
            return self.need(value)
        return None

    def destinations(self, instruction: Instruction, value: Value) -> tuple[int, ...]:
        """Return where an instruction leads that takes its target from ``value``."""
        if value is not None:
            return (self.need(value),)
        return tuple(sorted(self._code.targets(instruction)))

    def unknown_address(self, instruction: Instruction, words: dict[int, Value], *, written: bool) -> None:
        """Account for an access nobody knows where."""
        if self._code.stays_apart(instruction):
            return
        if written:
            raise Lost
        self.use_all_words()
        for value in words.values():
            self.use(value)

    def use_all_words(self) -> None:
        """Note that an instruction may look at any private word."""
        self.live.update(address for address, _ in self._vcpu.private)

    def is_private(self, address: int) -> bool:
        """Say whether an address lies in the vCPU's private memory."""
        region = self._machine.boot.region(address)
        return region is not None and region.owner == self._vcpu.number

    def constant(self, address: int) -> int | None:
        """Return a word of shared memory that can never change, else None."""
        boot = self._machine.boot
        fixed = boot.permits(address, int(Access.READ)) and not boot.permits(address, int(Access.WRITE))
        fixed = fixed and not self._machine.text.is_mutable(address, address + 8)
        return boot.word(address) if fixed and not address % 8 else None

    def gate(self, vector: int) -> tuple[int, int | None]:
        """Return the handler behind a gate and the top of the interrupt stack it names, if it names one."""
        system, boot = self._vcpu.system, self._machine.boot
        gate = system.idt_base + 16 * vector
        if boot.permits(gate, int(Access.WRITE)) or not boot.permits(gate, int(Access.READ)):
            raise Lost
        bits = int.from_bytes(boot.read(gate, 16), "little")
        handler = bits & 0xFFFF | (bits >> 48 & 0xFFFF) << 16 | (bits >> 64 & 0xFFFFFFFF) << 32
        ist = bits >> 32 & 7
        if not ist:
            return handler, None
        return handler, self.need(Token(system.tss_base + _TSS_IST1 + 8 * (ist - 1)))

    def segment_base(self, segment: str | None) -> int:
        """Return what a segment override adds to an address."""
        system = self._vcpu.system
        return {"gs": system.gs_base, "fs": system.fs_base}.get(segment or "", 0)

    def is_stack(self, rsp: int) -> bool:
        """Say whether a stack pointer lies in one of the private stacks."""
        return stack_of(self._vcpu.layout, rsp) is not None

    def above(self, words: dict[int, Value], rsp: int) -> dict[int, Value]:
        """Return the words without those below the stack pointer of its stack, which are dead."""
        number = stack_of(self._vcpu.layout, rsp)
        if number is None:
            raise Lost
        low = self._vcpu.layout.stacks[number].low
        return {address: value for address, value in words.items() if not low <= address < rsp & ~7}
