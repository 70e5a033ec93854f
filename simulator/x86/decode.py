"""Bytes to one instruction, the way a CPU reads them: only when all of its bytes are there.

Capstone 5 does the work behind ``decode``; ``unknown`` and ``meaning`` correct it. No proper prefix of an
instruction decodes, which is what lets the fetch model read a granule at a time and stop as soon as the
decoder has a whole instruction (Intel SDM volume 2, 2.1: the length follows from the bytes read so far; 15 at
most, volume 2, 2.3.11). A jump with a 66 prefix is read as Intel does, with 32 bits of displacement; AMD
reads 16.
"""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, Final

import capstone
from capstone import x86_const

from simulator.x86 import meaning, unknown
from simulator.x86.instruction import Data, Flow, Instruction, MemoryOperand, Vendor
from simulator.x86.registers import PARTS, whole_register

__all__ = ["Data", "Flow", "Instruction", "MemoryOperand", "Vendor", "decode", "disassemble"]

LONGEST: Final = 15
_ADDRESS_MASK: Final = (1 << 64) - 1
_POINTERS: Final = frozenset({"rip", "eip"})
_READ: Final[int] = capstone.CS_AC_READ
_WRITE: Final[int] = capstone.CS_AC_WRITE
_BIT_TESTS: Final = frozenset({"bt", "bts", "btr", "btc"})


def decode(code: bytes, address: int) -> Instruction | None:
    """Return the first instruction, or None when the bytes are invalid or end before it does."""
    return _decode(code if len(code) <= LONGEST else code[:LONGEST], address)


def disassemble(code: bytes, address: int) -> tuple[Instruction | Data, ...]:
    """Return a linear sweep; a byte that starts no instruction becomes one ``.byte``."""
    return tuple(_sweep(code, address))


def _sweep(code: bytes, address: int) -> Iterator[Instruction | Data]:
    position = 0
    while position < len(code):
        here = (address + position) & _ADDRESS_MASK
        item = decode(code[position : position + LONGEST], here) or Data(here, code[position : position + 1])
        yield item
        position += item.length


@lru_cache(maxsize=1 << 16)
def _decode(code: bytes, address: int) -> Instruction | None:
    found = _capstone(code, address)
    if not unknown.may_need_repair(code):
        return _instruction(found, code) if found is not None else None
    repair = unknown.repair(code, refused=found is None)
    if repair is None:
        return _instruction(found, code) if found is not None else None
    if repair.length:
        return _unknown(repair.mnemonic, code[: repair.length], address)
    shape = _capstone(repair.stand_in, address)
    return _instruction(shape, code, repair.mnemonic) if shape is not None else None


@cache
def _engine() -> Any:
    """Return this process's one Capstone handle."""
    engine = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    engine.detail = True
    return engine


def _capstone(code: bytes, address: int) -> Any:
    return next(_engine().disasm(code, address, 1), None)


def _unknown(mnemonic: str, code: bytes, address: int) -> Instruction:
    """Make an instruction that nothing but its name is known of."""
    return Instruction(
        address=address,
        code=code,
        prefix="",
        mnemonic=mnemonic,
        operands="",
        flow=meaning.flow_of(mnemonic),
        target=None,
        registers_read=(),
        registers_written=(),
        memory=(),
        serializing=meaning.serializing(mnemonic, ""),
        locked=False,
    )


def _instruction(found: Any, code: bytes, name: str | None = None) -> Instruction:
    *prefixes, mnemonic = found.mnemonic.split()
    mnemonic = name or mnemonic
    flow = meaning.flow_of(mnemonic)
    memory = tuple(_memory(found, mnemonic))
    read, written = _registers(found, mnemonic, memory)
    return Instruction(
        address=found.address,
        code=code[: found.size],
        prefix=" ".join(prefixes),
        mnemonic=mnemonic,
        operands=found.op_str,
        flow=flow,
        target=_target(found, flow),
        registers_read=read,
        registers_written=written,
        memory=memory,
        serializing=meaning.serializing(mnemonic, found.op_str),
        locked="lock" in prefixes or (mnemonic == "xchg" and bool(memory)),
    )


def _target(found: Any, flow: Flow) -> int | None:
    if flow not in (Flow.JUMP, Flow.CALL, Flow.BRANCH) or found.operands[0].type != x86_const.X86_OP_IMM:
        return None
    return int(found.operands[0].imm) & _ADDRESS_MASK


def _memory(found: Any, mnemonic: str) -> Iterator[MemoryOperand]:
    if meaning.touches_memory(mnemonic):
        for position, operand in enumerate(found.operands):
            if operand.type == x86_const.X86_OP_MEM:
                yield _explicit(found, mnemonic, position, operand)
    if mnemonic == "xlatb":
        yield MemoryOperand("rbx", "al", 1, 0, None, 1, True, False, implicit=True)
    stack = meaning.stack_access(mnemonic, _moved_size(found, mnemonic))
    if stack is not None:
        yield stack


def _explicit(found: Any, mnemonic: str, position: int, operand: Any) -> MemoryOperand:
    place = operand.mem
    base = found.reg_name(place.base) if place.base else None
    index = found.reg_name(place.index) if place.index else None
    displacement = int(place.disp)
    if base in _POINTERS:
        displacement = (displacement + found.address + found.size) & _ADDRESS_MASK
        base = None
    if mnemonic == "pop" and base == "rsp":
        displacement += operand.size  # the address is computed after the pop
    claims = bool(operand.access & _READ), bool(operand.access & _WRITE)
    read, written = meaning.memory_access(mnemonic, position == 0, *claims)
    segment = found.reg_name(place.segment) if place.segment else None
    bit_index = None
    if mnemonic in _BIT_TESTS and found.operands[1].type == x86_const.X86_OP_REG:
        bit_index = found.reg_name(found.operands[1].reg)
    return MemoryOperand(
        base=base,
        index=None if index in ("riz", "eiz") else index,
        scale=int(place.scale),
        displacement=displacement,
        segment=segment,
        size=int(operand.size),
        read=read,
        written=written,
        bit_index=bit_index,
    )


def _moved_size(found: Any, mnemonic: str) -> int:
    """Return how many bytes one stack slot of the instruction has."""
    if mnemonic == "iretd" or mnemonic == "retf":
        return 4 if found.prefix[2] == 0 else 2
    if mnemonic == "lcall":
        return 8 if found.rex & 8 else 4
    if mnemonic in ("call", "ret"):
        return 8
    return 2 if found.prefix[2] else 8


def _registers(found: Any, mnemonic: str, memory: tuple[MemoryOperand, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if mnemonic == "nop":
        return (), ()
    read_ids, written_ids = found.regs_access()
    read = {found.reg_name(register) for register in read_ids}
    written = {found.reg_name(register) for register in written_ids}
    operands = found.operands
    if operands and operands[0].type == x86_const.X86_OP_REG:
        first = found.reg_name(operands[0].reg)
        if meaning.writes_first_register(mnemonic):
            written.add(first)
        if meaning.keeps_destination(mnemonic):
            read.add(first)
    read.update(name for name in written if name in PARTS and PARTS[name][1] < 4)
    read.update(meaning.registers_read(mnemonic))
    written.update(meaning.registers_written(mnemonic))
    if any(access.implicit and access.base == "rsp" for access in memory):
        read.add("rsp")
        written.add("rsp")
    return _whole(read), _whole(written)


def _whole(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({whole_register(name) for name in names} - _POINTERS))
