"""What the simulator wants to know about one instruction, whoever decoded it.

An address is computed from the registers *before* the instruction. A memory operand that the CPU only
computes (LEA, NOP, PREFETCH, INVLPG) is not an access and is not listed; the stack slots that PUSH, CALL, RET
or IRET touch without naming them are, with ``implicit`` set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from simulator.x86.registers import PARTS

_ADDRESS_MASK = (1 << 64) - 1


class Flow(Enum):
    """Where a CPU goes after the instruction."""

    NEXT = "next"
    JUMP = "jump"
    CALL = "call"
    BRANCH = "branch"
    """To the target or to the next instruction: Jcc, JRCXZ, LOOP, XBEGIN."""
    RET = "ret"
    TRAP = "trap"
    """Through the IDT, on purpose: INT3, INT1, INT n, UD0/1/2."""
    IRET = "iret"
    """To whatever the frame on the stack says: IRET, RSM, ERETS, ERETU."""
    HALT = "halt"
    SYSCALL = "syscall"
    """To or from another privilege level by way of MSRs: SYSCALL, SYSENTER, SYSRET, SYSEXIT."""


class Vendor(Enum):
    """Who documents what serializes."""

    INTEL = "intel"
    AMD = "amd"


@dataclass(frozen=True, slots=True)
class MemoryOperand:
    """One access to memory; a RIP-relative operand has its absolute address as displacement."""

    base: str | None
    index: str | None
    scale: int
    displacement: int
    segment: str | None
    size: int
    """Bytes; for a repeated string instruction those of one element."""
    read: bool
    written: bool
    implicit: bool = False
    bit_index: str | None = None
    """BT and friends reach beyond the operand: the signed bit number is in this register."""

    def address(self, registers: Mapping[str, int], segment_base: int = 0) -> int:
        """Return the first byte accessed; ``registers`` maps 64-bit names to values."""
        total = self.displacement
        narrow = False
        for name, scale in ((self.base, 1), (self.index, self.scale)):
            if name is not None:
                whole, width = PARTS[name]
                narrow = narrow or width == 4
                total += (registers[whole] & ((1 << 8 * width) - 1)) * scale
        if narrow:
            total &= 0xFFFFFFFF
        if self.bit_index is not None:
            total += self._bit_displacement(registers, self.bit_index)
        return (total + segment_base) & _ADDRESS_MASK

    def _bit_displacement(self, registers: Mapping[str, int], name: str) -> int:
        whole, width = PARTS[name]
        bit = registers[whole] & ((1 << 8 * width) - 1)
        if bit >> (8 * width - 1):
            bit -= 1 << 8 * width
        return bit // (8 * self.size) * self.size


@dataclass(frozen=True, slots=True)
class Instruction:
    """One decoded instruction at its address."""

    address: int
    code: bytes
    prefix: str
    """``lock``, ``rep``, ``repne``, ``bnd``, ``notrack`` or empty; never part of the mnemonic."""
    mnemonic: str
    operands: str
    flow: Flow
    target: int | None
    """Where a direct jump, call or branch leads."""
    registers_read: tuple[str, ...]
    """64-bit names, sorted; includes a register of which only a part is written, or only sometimes."""
    registers_written: tuple[str, ...]
    memory: tuple[MemoryOperand, ...]
    serializing: frozenset[Vendor]
    """Who says it serializes; WRMSR is listed, though it does not for the x2APIC's MSRs."""
    locked: bool
    """Atomic and ordered for every CPU: a LOCK prefix, or XCHG with memory."""

    @property
    def length(self) -> int:
        """The number of bytes."""
        return len(self.code)

    @property
    def end(self) -> int:
        """The address behind it."""
        return (self.address + len(self.code)) & _ADDRESS_MASK

    @property
    def text(self) -> str:
        """The instruction as a disassembler prints it."""
        return " ".join(part for part in (self.prefix, self.mnemonic, self.operands) if part)


@dataclass(frozen=True, slots=True)
class Data:
    """A byte that no instruction starts with."""

    address: int
    code: bytes

    @property
    def length(self) -> int:
        """The number of bytes, which is one."""
        return len(self.code)

    @property
    def end(self) -> int:
        """The address behind it."""
        return (self.address + len(self.code)) & _ADDRESS_MASK

    @property
    def text(self) -> str:
        """The byte as an assembler directive."""
        return ".byte " + ", ".join(f"{byte:#04x}" for byte in self.code)
