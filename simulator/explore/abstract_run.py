"""An abstract run of one CPU's code along every path: which places does it look at?

Each register and each word of private memory starts as a token for what it holds. A token may be copied (PUSH, POP,
MOV) and overwritten. Where an instruction uses one, its place is *live*; where the path depends on it (a return
address, a pointer), the run goes on with the value it has, and the answer holds for that value only. What is
computed is of no further interest, but for where it is used as an address, which is guessed (``Code``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from simulator.machine.interrupts import CODE_SELECTOR, DATA_SELECTOR
from simulator.machine.machine import Machine
from simulator.machine.memory import Access, Cells, read_cells
from simulator.machine.vcpu import RSP, VCpu, stack_of
from simulator.x86.decode import Flow, Instruction, MemoryOperand
from simulator.x86.registers import GENERAL, PARTS, X2APIC_EOI

LONGEST = 4_000
"""Abstract steps after which everything is taken to be live."""

_MASK = (1 << 64) - 1
FLAGS = 16
"""The place of the status flags; 0 to 15 are the registers, and addresses are words of private memory."""

_NUMBER = {name: number for number, name in enumerate(GENERAL)}
_ALL_FLAGS = frozenset({"add", "sub", "cmp", "test", "and", "or", "xor", "neg", "xadd", "cmpxchg"})
"""Instructions that write every status flag, whatever their operands."""

_MOVES_BASES = frozenset({"wrmsr", "swapgs", "wrgsbase", "wrfsbase", "lidt", "lgdt", "ltr"})
"""Instructions after which addresses may mean something else."""

_TSS_IST1 = 0x24


class Token(NamedTuple):
    """What a place held at the start and nobody has looked at yet."""

    place: int


Value = Token | int | None
"""A token, a known number, or None: computed, and of no further interest."""


class Situation(NamedTuple):
    """Where the abstract run stands: registers, status flags, and the private words it has written."""

    rip: int
    registers: tuple[Value, ...]
    flags: Value
    words: tuple[tuple[int, Value], ...]


class Answer(NamedTuple):
    """What is live, for every vCPU whose ``demanded`` places hold the given values."""

    demanded: tuple[tuple[int, int], ...]
    live: frozenset[int]
    everything: bool
    steps: int
    """Situations that were met."""


class Code(Protocol):
    """What there is to run, and what may be guessed of it."""

    def instructions(self, rip: int) -> tuple[Instruction, ...]:
        """Return every instruction that may be executed at an address."""

    def targets(self, instruction: Instruction) -> frozenset[int]:
        """Guess where an instruction leads whose target was computed."""

    def stays_apart(self, instruction: Instruction) -> bool:
        """Guess that a computed address is not one of private memory."""


class _Lost(Exception):
    """The abstract run met something it cannot vouch for."""


def run(machine: Machine, vcpu: VCpu, code: Code) -> Answer:
    """Return what a vCPU looks at from where it stands."""
    return _Run(machine, vcpu, code).answer()


def held(machine: Machine, vcpu: VCpu, place: int) -> int:
    if place < len(GENERAL):
        return vcpu.general[place]
    return _word(machine, vcpu.private, place)


def _word(machine: Machine, private: Cells, address: int) -> int:
    return int.from_bytes(read_cells(machine.boot, private, address, 8), "little")


class _Run:
    """One abstract run."""

    def __init__(self, machine: Machine, vcpu: VCpu, code: Code) -> None:
        self._machine, self._vcpu, self._code = machine, vcpu, code
        self._live: set[int] = set()
        self._demanded: dict[int, int] = {}

    def answer(self) -> Answer:
        registers: list[Value] = [Token(place) for place in range(len(GENERAL))]
        registers[RSP] = self._vcpu.general[RSP]
        pending = [Situation(self._vcpu.rip, tuple(registers), Token(FLAGS), ())]
        seen = set(pending)
        try:
            while pending:
                for after in self._after(pending.pop()):
                    if after not in seen:
                        seen.add(after)
                        pending.append(after)
                if len(seen) > LONGEST:
                    raise _Lost
        except _Lost:
            return Answer((), frozenset(), everything=True, steps=len(seen))
        return Answer(tuple(sorted(self._demanded.items())), frozenset(self._live), everything=False, steps=len(seen))

    def _after(self, here: Situation) -> Iterator[Situation]:
        for instruction in self._code.instructions(here.rip):
            yield from _Step(self, here, instruction).after()

    # places ----------------------------------------------------------------------------------------------

    def use(self, value: Value) -> None:
        """Note that an instruction looks at a value."""
        if isinstance(value, Token):
            self._live.add(value.place)

    def need(self, value: Value) -> int:
        """Return the number behind a value that the path depends on."""
        if isinstance(value, Token):
            self._live.add(value.place)
            found = self._demanded[value.place] = held(self._machine, self._vcpu, value.place)
            return found
        if value is None:
            raise _Lost
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
            raise _Lost
        self.use_all_words()
        for value in words.values():
            self.use(value)

    def use_all_words(self) -> None:
        """Note that an instruction may look at any private word."""
        self._live.update(address for address, _ in self._vcpu.private)

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
            raise _Lost
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
            raise _Lost
        low = self._vcpu.layout.stacks[number].low
        return {address: value for address, value in words.items() if not low <= address < rsp & ~7}


class _Step:
    """One instruction of an abstract run."""

    def __init__(self, run: _Run, here: Situation, instruction: Instruction) -> None:
        self._run, self._instruction = run, instruction
        self._registers = list(here.registers)
        self._flags = here.flags
        self._words = dict(here.words)

    def after(self) -> list[Situation]:
        """Return where the instruction leads."""
        instruction, flow = self._instruction, self._instruction.flow
        if instruction.prefix not in ("", "lock", "notrack", "bnd"):
            raise _Lost
        if flow in (Flow.NEXT, Flow.HALT):
            self._straight()
            return [self._at(instruction.end)]
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
            return [self._at(target) for target in self._run.destinations(instruction, self._pop())]
        if flow is Flow.TRAP and instruction.mnemonic == "int3":
            return [self._trap()]
        if flow is Flow.IRET and instruction.mnemonic == "iretq":
            return self._iret()
        raise _Lost

    def _targets(self) -> tuple[int, ...]:
        if self._instruction.target is not None:
            return (self._instruction.target,)
        return self._run.destinations(self._instruction, self._operand(0))

    def _at(self, rip: int) -> Situation:
        rsp = self._registers[RSP]
        if not isinstance(rsp, int):
            raise _Lost
        words = self._run.above(self._words, rsp)
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
            raise _Lost
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
        old, amount = self._run.pointer(self._operand(0)), int(source, 0)
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
        base = self._run.pointer(self._registers[_NUMBER[name]]) if _is_whole(name) else None
        if base is not None and (not sign or _is_number(amount)):
            return (base + int(amount or "0", 0)) & _MASK
        self._use_registers()
        return None

    def _general(self) -> None:
        """Use all that the instruction reads, and make all that it writes unknown."""
        self._use_registers()
        for operand in self._instruction.memory:
            if operand.implicit or operand.bit_index:
                raise _Lost
            self._access(operand)
        for name in self._instruction.registers_written:
            if name == "rflags":
                if self._instruction.mnemonic in _ALL_FLAGS:
                    self._flags = None
            elif name == "rsp" or name not in _NUMBER:
                raise _Lost
            else:
                self._registers[_NUMBER[name]] = None

    def _use_registers(self) -> None:
        for name in self._instruction.registers_read:
            if name == "rflags":
                self._run.use(self._flags)
            elif name in _NUMBER:
                self._run.use(self._registers[_NUMBER[name]])
            else:
                raise _Lost

    def _access(self, operand: MemoryOperand) -> None:
        address = self._address(operand)
        if address is None:
            self._run.unknown_address(self._instruction, self._words, written=operand.written)
            return
        for word in range(address & ~7, address + operand.size, 8):
            if not self._run.is_private(word):
                continue
            whole = word >= address and word + 8 <= address + operand.size
            if operand.read or not whole:
                self._run.use(self._word(word))
            if operand.written:
                self._words[word] = None

    def _trap(self) -> Situation:
        handler, top = self._run.gate(3)
        rsp = self._run.need(self._registers[RSP])
        frame: list[Value] = [DATA_SELECTOR, rsp, self._flags, CODE_SELECTOR, self._instruction.end]
        self._registers[RSP] = (rsp if top is None else top) & ~0xF
        for value in frame:
            self._push(value)
        return self._at(handler)

    def _iret(self) -> list[Situation]:
        rip, code, flags, rsp, stack = (self._pop() for _ in range(5))
        for selector in (code, stack):
            self._run.use(selector)
        self._restore_flags(flags)
        self._registers[RSP] = self._run.need(rsp)
        return [self._at(target) for target in self._run.destinations(self._instruction, rip)]

    # operands --------------------------------------------------------------------------------------------

    def _restore_flags(self, value: Value) -> None:
        """Take the flags back from a word: as they were if they are still untouched, else nobody knows."""
        if value != Token(FLAGS):
            self._run.use(value)
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
            self._run.unknown_address(self._instruction, self._words, written=False)
            return None
        if self._run.is_private(address):
            return self._word(address)
        return self._run.constant(address)

    def _write_operand(self, position: int, value: Value) -> None:
        text = self._instruction.operands.split(", ")[position]
        if _is_whole(text):
            self._registers[_NUMBER[text]] = value
            return
        address, _ = self._place()
        if address is not None and self._run.is_private(address):
            self._words[address] = value
            return
        if address is None:
            self._run.unknown_address(self._instruction, self._words, written=True)
        self._run.use(value)

    def _place(self) -> tuple[int | None, MemoryOperand]:
        operand = next((each for each in self._instruction.memory if not each.implicit), None)
        if operand is None or operand.size != 8:
            raise _Lost
        address = self._address(operand)
        if address is not None and address % 8:
            raise _Lost
        return address, operand

    def _address(self, operand: MemoryOperand) -> int | None:
        """Return where a memory operand lies, None if that depends on something computed."""
        total = operand.displacement + self._run.segment_base(operand.segment)
        for name, scale in ((operand.base, 1), (operand.index, operand.scale)):
            if name is None:
                continue
            if not _is_whole(name):
                raise _Lost
            value = self._registers[_NUMBER[name]]
            if value is None:
                return None
            total += self._run.need(value) * scale
        return total & _MASK

    def _word(self, address: int) -> Value:
        return self._words.get(address, Token(address))

    def _push(self, value: Value) -> None:
        rsp = (self._run.need(self._registers[RSP]) - 8) & _MASK
        if not self._run.is_stack(rsp) or rsp % 8:
            raise _Lost
        self._registers[RSP] = rsp
        self._words[rsp] = value

    def _pop(self) -> Value:
        rsp = self._run.need(self._registers[RSP])
        if rsp % 8 or not self._run.is_private(rsp):
            raise _Lost
        value = self._word(rsp)
        self._registers[RSP] = (rsp + 8) & _MASK
        return value


def _is_whole(text: str) -> bool:
    return text in _NUMBER


def _is_number(text: str) -> bool:
    return text.lstrip("-")[:1].isdigit()
