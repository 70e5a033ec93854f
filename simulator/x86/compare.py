"""Does the machine code say what the line said? The assembler's answer is not believed without this.

The decoder's text is read back with the assembler's own grammar and compared with the parsed line: name,
prefix, registers, every part of an address, and numbers modulo the width of the operand they go into.
Keystone's mistakes that this finds: ``push 0x80000000`` (16 bits are pushed), ``mov eax, 0x1ffffffff`` (cut),
``[rsp + rsp*2]`` (index lost), ``lock`` where it is not allowed.
"""

from collections.abc import Mapping

from simulator.x86 import mnemonics
from simulator.x86.grammar import Expression, Memory, Operand, Register, Statement, parse_operands
from simulator.x86.instruction import Data, Instruction
from simulator.x86.registers import PARTS

_ALL_BITS = (1 << 64) - 1
_COMMUTATIVE = frozenset({"xchg", "test"})
_PSEUDO_NAMES = {"nop5": "nop"}


def effective_displacement(operand: Memory, end: int, known: Mapping[str, int]) -> int:
    """Return the displacement to encode; beside RIP a label stands for its own address."""
    value = operand.displacement.value(known)
    if operand.base == "rip" and operand.displacement.labels:
        return value - end
    return value - (1 << 64) if value >> 63 == 1 else value


def difference(statement: Statement, decoded: tuple[Instruction | Data, ...], known: Mapping[str, int]) -> str | None:
    """Return in one line how ``decoded`` differs from what ``statement`` says, None when it does not."""
    found = decoded[0]
    if len(decoded) != 1 or not isinstance(found, Instruction):
        return "no CPU knows this combination (" + "; ".join(item.text for item in decoded) + ")"
    name = mnemonics.canonical(statement.mnemonic)
    name = _PSEUDO_NAMES.get(name, name)
    same_name = found.mnemonic in mnemonics.may_decode_as(name)
    if not same_name or found.prefix != statement.prefix:
        return f"the assembler makes `{found.text}` of it"
    if found.target is not None:
        expected = statement.operands[0]
        agrees = isinstance(expected, Expression) and expected.value(known) & _ALL_BITS == found.target
        return None if agrees else f"the assembler makes `{found.text}` of it"
    if not statement.operands:  # the decoder spells out what the name implies
        return None
    return _operands_differ(statement, name, found, known)


def _operands_differ(statement: Statement, name: str, found: Instruction, known: Mapping[str, int]) -> str | None:
    wanted = statement.operands
    if ambiguous := _ambiguous(name, wanted):
        return ambiguous
    actual = parse_operands(found.operands) or ()
    if name == "imul" and len(wanted) == 2 and isinstance(wanted[1], Expression):
        wanted = (wanted[0], *wanted)
    if len(wanted) == len(actual):
        width = _width(actual[0]) if actual else 8
        orders = [actual, actual[::-1]] if name in _COMMUTATIVE else [actual]
        for order in orders:
            pairs = zip(wanted, order, strict=True)
            if all(_same(want, have, width, found, known) for want, have in pairs):
                return None
    return f"the assembler makes `{found.text}` of it"


def _ambiguous(name: str, operands: tuple[Operand, ...]) -> str | None:
    sized = name in mnemonics.SIZELESS or (
        name not in mnemonics.SIZE_NEEDED and any(isinstance(operand, Register) for operand in operands)
    )
    if not sized and any(isinstance(operand, Memory) and not operand.size for operand in operands):
        return "how many bytes of memory? write `dword ptr [...]` or the like"
    return None


def _width(operand: Operand) -> int:
    if isinstance(operand, Register):
        return PARTS[operand.name][1] if operand.name in PARTS else 8
    return operand.size if isinstance(operand, Memory) and operand.size else 8


def _same(want: Operand, have: Operand, width: int, found: Instruction, known: Mapping[str, int]) -> bool:
    if isinstance(want, Expression) and isinstance(have, Expression):
        value, bits = want.value(known), 8 * width
        fits = -(1 << (bits - 1)) <= value < 1 << bits
        return fits and (value - have.number) % (1 << bits) == 0
    if isinstance(want, Memory) and isinstance(have, Memory):
        displacement = effective_displacement(want, found.end, known)
        return (
            (not want.size or not have.size or want.size == have.size)
            and want.segment == have.segment
            and _place(want) == _place(have)
            and (displacement - effective_displacement(have, found.end, known)) & _ALL_BITS == 0
        )
    return want == have


def _place(operand: Memory) -> tuple[tuple[str | None, int], ...]:
    """Return base and index without their order where the scale makes no difference."""
    parts = ((operand.base, 1), (operand.index, operand.scale if operand.index else 1))
    return tuple(sorted((part for part in parts if part[0]), key=str))
