"""A short Intel-syntax text to machine code; any other text to one clear error, never to a dead process.

Branches and labels are encoded here, shortest form first and grown until the layout stands; everything else
is rendered from the parsed statement, given to Keystone 0.9.2, decoded again and compared operand by operand,
because Keystone silently truncates numbers and takes an index register RSP for nothing.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

import keystone

from simulator.errors import AssemblyError, SimulatorError
from simulator.x86 import encode, mnemonics
from simulator.x86.compare import difference, effective_displacement
from simulator.x86.decode import disassemble
from simulator.x86.grammar import Expression, Memory, Operand, Register, Statement, parse
from simulator.x86.instruction import Data, Instruction

__all__ = ["Assembly", "assemble"]

MOST_STATEMENTS: Final = 4096
_MOST_PASSES: Final = 32
_SHORT_PASSES: Final = 16
_ADDRESS_LIMIT: Final = 1 << 64
_PSEUDO_CODE: Final = {
    "nop5": encode.NOP5,
    "int3": encode.INT3,
    "endbr64": encode.ENDBR64,
    "serialize": encode.SERIALIZE,
}
_SIZE_NAMES: Final = {1: "byte", 2: "word", 4: "dword", 6: "fword", 8: "qword", 16: "xmmword"}


@dataclass(frozen=True, slots=True)
class Assembly:
    """Machine code, and where it came from."""

    address: int
    code: bytes
    instructions: tuple[Instruction | Data, ...]
    """One per instruction line; the bytes of a ``.byte`` line are disassembled."""
    lines: tuple[int, ...]
    """The source line of each instruction."""
    labels: dict[str, int]

    @property
    def end(self) -> int:
        """The address behind the last byte."""
        return self.address + len(self.code)


def assemble(source: str, address: int, symbols: Mapping[str, int] | None = None) -> Assembly:
    """Assemble ``source`` at ``address``; ``symbols`` are names it may use beside its own labels."""
    statements = parse(source)
    if not any(statement.mnemonic or statement.data for statement in statements):
        raise AssemblyError("line 1: nothing to assemble: the text has no instruction")
    if len(statements) > MOST_STATEMENTS:
        raise statements[MOST_STATEMENTS].error(f"more than {MOST_STATEMENTS} lines")
    if not 0 <= address < _ADDRESS_LIMIT:
        raise AssemblyError(f"{address:#x} is not an address to assemble at: it has more than 64 bits")
    _check_labels(statements, symbols or {})
    return _result(statements, address, symbols or {})


def _check_labels(statements: tuple[Statement, ...], symbols: Mapping[str, int]) -> None:
    seen: dict[str, int] = {}
    for statement in statements:
        for name in statement.labels:
            if name in seen:
                raise statement.error(f"label `{name}` stands on line {seen[name]} already")
            seen[name] = statement.line
    known = {*seen, *symbols}
    for statement in statements:
        for operand in statement.operands:
            for name in _names(operand):
                if name not in known:
                    close = difflib.get_close_matches(name, sorted(known), 1)
                    hint = f", did you mean `{close[0]}`?" if close else ""
                    raise statement.error(f"unknown label `{name}`{hint}")


def _names(operand: Operand) -> tuple[str, ...]:
    if isinstance(operand, Register):
        return ()
    expression = operand.displacement if isinstance(operand, Memory) else operand
    return tuple(name for _, name in expression.labels)


def _lay_out(
    statements: tuple[Statement, ...], address: int, symbols: Mapping[str, int]
) -> tuple[list[bytes], list[int], dict[str, int]]:
    """Grow branches until no length changes any more, then encode with the final addresses."""
    lengths = [1] * len(statements)
    for attempt in range(_MOST_PASSES):
        starts, labels = _addresses(statements, lengths, address)
        known = {**symbols, **labels}
        before, lengths = lengths, []
        for statement, start, old in zip(statements, starts, before, strict=True):
            lengths.append(_length(statement, start, known, old, grow=attempt >= _SHORT_PASSES))
        if lengths == before:
            pieces = [_encode(*item, known) for item in zip(statements, starts, lengths, strict=True)]
            return pieces, starts, labels
    raise statements[0].error("the lengths of the instructions depend on each other and do not settle")


def _addresses(statements: tuple[Statement, ...], lengths: list[int], address: int) -> tuple[list[int], dict[str, int]]:
    starts = []
    labels = {}
    for statement, length in zip(statements, lengths, strict=True):
        starts.append(address)
        labels.update(dict.fromkeys(statement.labels, address))
        address += length
    if address > _ADDRESS_LIMIT:
        raise statements[-1].error("the code runs over the end of the address space")
    return starts, labels


def _length(statement: Statement, start: int, known: Mapping[str, int], old: int, *, grow: bool) -> int:
    target = _branch_target(statement, known)
    if target is None:
        return len(_encode(statement, start, 0, known))
    name = mnemonics.canonical(statement.mnemonic)
    if name in mnemonics.SHORT_ONLY:
        return len(mnemonics.SHORT_ONLY[name]) + 1
    long = encode.JMP_REL32_SIZE if name in ("jmp", "call") else encode.JMP_REL32_SIZE + 1
    reachable = -0x80 <= target - start - encode.JMP_REL8_SIZE < 0x80
    return encode.JMP_REL8_SIZE if reachable and name != "call" and old < long and not grow else long


def _branch_target(statement: Statement, known: Mapping[str, int]) -> int | None:
    """Return where a direct branch leads, None for any other statement."""
    operand = statement.operands[0] if statement.operands else None
    branches = mnemonics.is_branch(mnemonics.canonical(statement.mnemonic))
    return operand.value(known) if branches and isinstance(operand, Expression) else None


def _encode(statement: Statement, start: int, length: int, known: Mapping[str, int]) -> bytes:
    """Return the bytes of one statement; ``length`` is its final length, or 0 while that is not known."""
    if not statement.mnemonic:
        return statement.data
    if statement.mnemonic in _PSEUDO_CODE:
        return _PSEUDO_CODE[statement.mnemonic]
    target = _branch_target(statement, known)
    if target is not None:
        return _branch(statement, start, length, target)
    code, refusal = _keystone_bytes(_render(statement, start + length, known))
    if refusal:
        raise statement.error(refusal)
    return code


def _branch(statement: Statement, start: int, length: int, target: int) -> bytes:
    if statement.prefix:
        raise statement.error("a branch takes no prefix")
    name = mnemonics.canonical(statement.mnemonic)
    try:
        if name == "call":
            return encode.call_rel32(start, target)
        if name == "jmp" and length == encode.JMP_REL32_SIZE:
            return encode.jmp_rel32(start, target)
        if name in mnemonics.SHORT_ONLY:
            opcode = mnemonics.SHORT_ONLY[name]
            return opcode + encode.jmp_rel8(start + len(opcode) - 1, target)[1:]
        condition = mnemonics.condition_code(name)
        if condition is None:
            return encode.jmp_rel8(start, target)
        if length == encode.JMP_REL8_SIZE:
            return bytes((0x70 | condition,)) + encode.jmp_rel8(start, target)[1:]
        return bytes((0x0F, 0x80 | condition)) + encode.jmp_rel32(start + 1, target)[1:]
    except SimulatorError as problem:
        raise statement.error(str(problem)) from None


def _render(statement: Statement, end: int, known: Mapping[str, int]) -> str:
    """Write the statement anew, every number and register from the parsed operands."""
    name = mnemonics.SPELLING.get(statement.mnemonic, statement.mnemonic)
    operands = ", ".join(_operand_text(statement, operand, end, known) for operand in statement.operands)
    return " ".join(part for part in (statement.prefix, name, operands) if part)


def _operand_text(statement: Statement, operand: Operand, end: int, known: Mapping[str, int]) -> str:
    if isinstance(operand, Register):
        return operand.name
    if isinstance(operand, Expression):
        value = operand.value(known)
        if not -(1 << 63) <= value < 1 << 64:
            raise statement.error("the number has more than 64 bits")
        return f"{value:#x}"
    displacement = effective_displacement(operand, end, known)
    near = -(1 << 31) <= displacement < 1 << 31
    parts = [operand.base, f"{operand.index}*{operand.scale}" if operand.index else None]
    if parts != [None, None] and not near:
        raise statement.error(f"displacement {displacement:#x} does not fit 32 bits")
    if parts == [None, None] and near and statement.mnemonic != "movabs":
        parts = ["riz*1"]  # a bare number would come out relative to RIP
    inside = " + ".join(part for part in (*parts, f"{displacement:#x}") if part)
    size = f"{_SIZE_NAMES[operand.size]} ptr " if operand.size else ""
    return f"{size}{operand.segment + ':' if operand.segment else ''}[{inside}]"


@cache
def _engine() -> Any:
    """Return this process's one Keystone handle."""
    return keystone.Ks(keystone.KS_ARCH_X86, keystone.KS_MODE_64)


@lru_cache(maxsize=1 << 14)
def _keystone_bytes(text: str) -> tuple[bytes, str]:
    """Return the bytes of one instruction that names no address of its own, or why there are none."""
    try:
        code, _ = _engine().asm(text, 0)
    except keystone.KsError as problem:
        reason = str(problem).partition(" (")[0].lower()
        return b"", f"no such instruction with these operands ({reason})"
    if not code:
        return b"", "no such instruction"
    return bytes(code), ""


def _result(statements: tuple[Statement, ...], address: int, symbols: Mapping[str, int]) -> Assembly:
    pieces, starts, labels = _lay_out(statements, address, symbols)
    known = {**symbols, **labels}
    instructions: list[Instruction | Data] = []
    lines: list[int] = []
    for statement, piece, start in zip(statements, pieces, starts, strict=True):
        decoded = disassemble(piece, start)
        if statement.mnemonic:
            wrong = difference(statement, decoded, known)
            if wrong:
                raise statement.error(wrong)
        instructions.extend(decoded)
        lines.extend([statement.line] * len(decoded))
    return Assembly(address, b"".join(pieces), tuple(instructions), tuple(lines), labels)
