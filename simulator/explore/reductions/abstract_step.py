"""Straight code in an abstract run: tokens are copied and overwritten, whatever else uses them is noted.

What is computed is of no further interest, but for where it is used as an address, which is guessed (``Code``).
"""

from __future__ import annotations

from typing import NamedTuple

from simulator.explore.reductions.abstract_places import FLAGS, Code, Lost, Places, Token, Value
from simulator.machine.interrupts import CODE_SELECTOR, DATA_SELECTOR
from simulator.machine.vcpu import RSP
from simulator.x86.decode import Flow, Instruction, MemoryOperand
from simulator.x86.registers import GENERAL, PARTS, X2APIC_EOI

_MASK = (1 << 64) - 1
_NUMBER = {name: number for number, name in enumerate(GENERAL)}
_ALL_FLAGS = frozenset({"add", "sub", "cmp", "test", "and", "or", "xor", "neg", "xadd", "cmpxchg"})
"""Instructions that write every status flag, whatever their operands."""

_MOVES_BASES = frozenset({"wrmsr", "swapgs", "wrgsbase", "wrfsbase", "lidt", "lgdt", "ltr"})
"""Instructions after which addresses may mean something else."""


class Situation(NamedTuple):
    """Where the abstract run stands: registers, status flags, and the private words it has written."""

    rip: int
    registers: tuple[Value, ...]
    flags: Value
    words: tuple[tuple[int, Value], ...]


def follow(places: Places, here: Situation, instruction: Instruction, code: Code) -> list[Situation]:
    """Return where straight code that begins with an instruction leads. Raises Lost where nobody can vouch for that."""
    return _Path(places, here, instruction).along(code)


class _Path:
    """Straight code: the same situation, changed by one instruction after the other."""

    def __init__(self, places: Places, here: Situation, instruction: Instruction) -> None:
        self._places, self._instruction = places, instruction
        self._registers = list(here.registers)
        self._flags = here.flags
        self._words = dict(here.words)

    def along(self, code: Code) -> list[Situation]:
        """Go on to where the code turns, or may be one of several versions."""
        while self._goes_straight():
            following = code.instructions(self._instruction.end)
            if len(following) != 1:
                return [self._at(self._instruction.end)]
            self._instruction = following[0]
        return self._turn()

    def _goes_straight(self) -> bool:
        """Take an instruction after which comes the one behind it; False for any other."""
        self._places.count()
        if self._instruction.prefix not in ("", "lock", "notrack", "bnd"):
            raise Lost
        if self._instruction.flow not in (Flow.NEXT, Flow.HALT):
            return False
        self._straight()
        return True

    def _turn(self) -> list[Situation]:
        """Return where an instruction leads that is not followed by the one behind it."""
        instruction, flow = self._instruction, self._instruction.flow
        if flow is Flow.CALL:
            targets = self._targets()
            self._push(instruction.end)
            return [self._at(target) for target in targets]
        if flow is Flow.JUMP:
            return [self._at(target) for target in self._targets()]
        if flow is Flow.BRANCH and instruction.target is not None:
            self._use_registers()
            return [self._at(target) for target in (instruction.target, instruction.end)]
        if flow is Flow.RET and not instruction.operands:
            return [self._at(target) for target in self._places.destinations(instruction, self._pop())]
        if flow is Flow.TRAP and instruction.mnemonic == "int3":
            return [self._trap()]
        if flow is Flow.IRET and instruction.mnemonic == "iretq":
            return self._iret()
        raise Lost

    def _targets(self) -> tuple[int, ...]:
        if self._instruction.target is not None:
            return (self._instruction.target,)
        return self._places.destinations(self._instruction, self._operand(0))

    def _at(self, rip: int) -> Situation:
        rsp = self._registers[RSP]
        if not isinstance(rsp, int):
            raise Lost
        words = self._places.above(self._words, rsp)
        return Situation(rip, tuple(self._registers), self._flags, tuple(sorted(words.items())))

    def _straight(self) -> None:
        name = self._instruction.mnemonic
        if name == "push":
            self._push(self._operand(0))
        elif name == "pop" and _is_whole(self._instruction.operands):
            self._registers[_NUMBER[self._instruction.operands]] = self._pop()
        elif name == "pushfq":
            self._push(self._flags)
        elif name == "popfq":
            self._restore_flags(self._pop())
        elif name in _MOVES_BASES and not self._is_apic_write():
            raise Lost
        elif not (name in ("mov", "movabs") and self._move()) and not self._arithmetic():
            self._general()

    # what instructions do --------------------------------------------------------------------------------

    def _is_apic_write(self) -> bool:
        """Say whether a WRMSR is known to address a register of the local APIC."""
        number = self._registers[_NUMBER["rcx"]]
        return self._instruction.mnemonic == "wrmsr" and isinstance(number, int) and number >> 8 == X2APIC_EOI >> 8

    def _move(self) -> bool:
        """Copy a whole word between registers, private memory and constants."""
        target, source = self._names()
        if PARTS.get(target, ("", 0))[1] == 4 and _is_number(source):
            self._registers[_NUMBER[PARTS[target][0]]] = int(source, 0) & 0xFFFFFFFF
            return True
        if ("ptr" in source and "ptr" in target) or not (_is_whole(target) or "qword" in target):
            return False
        if not (_is_whole(source) or "qword" in source or _is_number(source)):
            return False
        if any(operand.segment not in (None, "gs", "fs") for operand in self._instruction.memory):
            return False
        self._write_operand(0, self._operand(1))
        return True

    def _arithmetic(self) -> bool:
        """Follow what moves the stack pointer or an address on the stack, and what makes zero."""
        instruction, (target, source) = self._instruction, self._names()
        name = instruction.mnemonic
        if name == "xor" and target == source and PARTS.get(target, ("", 0))[1] >= 4:
            self._registers[_NUMBER[PARTS[target][0]]] = 0
            self._flags = None
            return True
        if name == "lea" and _is_whole(target):
            self._registers[_NUMBER[target]] = self._lea(source)
            return True
        if name not in ("add", "sub", "and") or not _is_number(source):
            return False
        if not (_is_whole(target) or "qword" in target):
            return False
        old, amount = self._places.pointer(self._operand(0)), int(source, 0)
        if old is None:
            return False
        new = {"add": old + amount, "sub": old - amount, "and": old & amount}[name]
        self._write_operand(0, new & _MASK)
        self._flags = None
        return True

    def _lea(self, source: str) -> Value:
        """Add a constant to a known address; anything else is computed."""
        inner = source[source.index("[") + 1 : source.index("]")].replace(" ", "")
        name, sign, amount = inner.replace("-", "+-").partition("+")
        base = self._places.pointer(self._registers[_NUMBER[name]]) if _is_whole(name) else None
        if base is not None and (not sign or _is_number(amount)):
            return (base + int(amount or "0", 0)) & _MASK
        self._use_registers()
        return None

    def _general(self) -> None:
        """Use all that the instruction reads, and make all that it writes unknown."""
        self._use_registers()
        for operand in self._instruction.memory:
            if operand.implicit or operand.bit_index:
                raise Lost
            self._access(operand)
        for name in self._instruction.registers_written:
            if name == "rflags":
                if self._instruction.mnemonic in _ALL_FLAGS:
                    self._flags = None
            elif name == "rsp" or name not in _NUMBER:
                raise Lost
            else:
                self._registers[_NUMBER[name]] = None

    def _use_registers(self) -> None:
        for name in self._instruction.registers_read:
            if name == "rflags":
                self._places.use(self._flags)
            elif name in _NUMBER:
                self._places.use(self._registers[_NUMBER[name]])
            else:
                raise Lost

    def _access(self, operand: MemoryOperand) -> None:
        address = self._address(operand)
        if address is None:
            self._places.unknown_address(self._instruction, self._words, written=operand.written)
            return
        for word in range(address & ~7, address + operand.size, 8):
            if not self._places.is_private(word):
                continue
            whole = word >= address and word + 8 <= address + operand.size
            if operand.read or not whole:
                self._places.use(self._word(word))
            if operand.written:
                self._words[word] = None

    def _trap(self) -> Situation:
        handler, top = self._places.gate(3)
        rsp = self._places.need(self._registers[RSP])
        frame: list[Value] = [DATA_SELECTOR, rsp, self._flags, CODE_SELECTOR, self._instruction.end]
        self._registers[RSP] = (rsp if top is None else top) & ~0xF
        for value in frame:
            self._push(value)
        return self._at(handler)

    def _iret(self) -> list[Situation]:
        rip, code, flags, rsp, stack = (self._pop() for _ in range(5))
        for selector in (code, stack):
            self._places.use(selector)
        self._restore_flags(flags)
        self._registers[RSP] = self._places.need(rsp)
        return [self._at(target) for target in self._places.destinations(self._instruction, rip)]

    # operands --------------------------------------------------------------------------------------------

    def _restore_flags(self, value: Value) -> None:
        """Take the flags back from a word: as they were if they are still untouched, else nobody knows."""
        if value != Token(FLAGS):
            self._places.use(value)
        self._flags = value if value == Token(FLAGS) else None

    def _names(self) -> tuple[str, str]:
        target, _, source = self._instruction.operands.partition(", ")
        return target, source

    def _operand(self, position: int) -> Value:
        text = self._instruction.operands.split(", ")[position]
        if _is_whole(text):
            return self._registers[_NUMBER[text]]
        if _is_number(text):
            return int(text, 0) & _MASK
        address, _ = self._place()
        if address is None:
            self._places.unknown_address(self._instruction, self._words, written=False)
            return None
        if self._places.is_private(address):
            return self._word(address)
        return self._places.constant(address)

    def _write_operand(self, position: int, value: Value) -> None:
        text = self._instruction.operands.split(", ")[position]
        if _is_whole(text):
            self._registers[_NUMBER[text]] = value
            return
        address, _ = self._place()
        if address is not None and self._places.is_private(address):
            self._words[address] = value
            return
        if address is None:
            self._places.unknown_address(self._instruction, self._words, written=True)
        self._places.use(value)

    def _place(self) -> tuple[int | None, MemoryOperand]:
        operand = next((each for each in self._instruction.memory if not each.implicit), None)
        if operand is None or operand.size != 8:
            raise Lost
        address = self._address(operand)
        if address is not None and address % 8:
            raise Lost
        return address, operand

    def _address(self, operand: MemoryOperand) -> int | None:
        """Return where a memory operand lies, None if that depends on something computed."""
        total = operand.displacement + self._places.segment_base(operand.segment)
        for name, scale in ((operand.base, 1), (operand.index, operand.scale)):
            if name is None:
                continue
            if not _is_whole(name):
                raise Lost
            value = self._registers[_NUMBER[name]]
            if value is None:
                return None
            total += self._places.need(value) * scale
        return total & _MASK

    def _word(self, address: int) -> Value:
        return self._words.get(address, Token(address))

    def _push(self, value: Value) -> None:
        rsp = (self._places.need(self._registers[RSP]) - 8) & _MASK
        if not self._places.is_stack(rsp) or rsp % 8:
            raise Lost
        self._registers[RSP] = rsp
        self._words[rsp] = value

    def _pop(self) -> Value:
        rsp = self._places.need(self._registers[RSP])
        if rsp % 8 or not self._places.is_private(rsp):
            raise Lost
        value = self._word(rsp)
        self._registers[RSP] = (rsp + 8) & _MASK
        return value


def _is_whole(text: str) -> bool:
    return text in _NUMBER


def _is_number(text: str) -> bool:
    return text.lstrip("-")[:1].isdigit()
