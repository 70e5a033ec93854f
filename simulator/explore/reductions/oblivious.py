"""Which interrupt handlers cannot tell where they interrupted, so that it does not matter.

A handler that saves what it uses, never looks at what it saved, touches nothing else but shared memory, and
restores everything commutes with the interrupted CPU's local steps: delivered before or after them, it does the
same to everybody else and leaves the same behind. One delivery per run of local steps then stands for all.

The proof is an abstract run of the handler's own code from its gate to its IRET. Every register starts as "what
was interrupted"; such a value may be pushed, popped and moved, and nothing else. Whatever the run does not
understand, and every address it cannot name, ends it with "not proven", and the handler is delivered at every
boundary as before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from simulator.machine.machine import Machine
from simulator.machine.memory import Access
from simulator.machine.vcpu import VCpu
from simulator.x86.decode import Flow, Instruction
from simulator.x86.registers import GENERAL, X2APIC_EOI, X2APIC_ICR

RSP = GENERAL.index("rsp")
LONGEST = 5_000
"""Abstract steps after which a handler is not proven."""


class Value(NamedTuple):
    """An abstract value: ``context`` (interrupted, of register ``number``), ``stack`` (the frame's base plus
    ``number``), ``constant``, or ``own`` (the handler's, the same wherever it interrupted)."""

    kind: str
    number: int = 0


OWN = Value("own")
_RIP, _FLAGS, _SELECTOR = Value("context", 16), Value("context", 17), Value("constant")


class State(NamedTuple):
    """Registers, flags and the words on the handler's stack, by offset from the frame's base."""

    rip: int
    registers: tuple[Value, ...]
    flags: Value
    stack: tuple[tuple[int, Value], ...]


class NotProven(Exception):
    """The handler does something the abstract run cannot vouch for."""


def is_oblivious(machine: Machine, vcpu: VCpu, vector: int) -> bool:
    """Say whether the handler of ``vector`` provably behaves alike wherever it interrupts ``vcpu``'s local code."""
    try:
        pending, seen = [_entry(machine, vcpu, vector)], set[State]()
        while pending:
            state = pending.pop()
            if state in seen:
                continue
            seen.add(state)
            if len(seen) > LONGEST:
                return False
            pending.extend(_Run(machine, state).step())
    except NotProven:
        return False
    return True


def _entry(machine: Machine, vcpu: VCpu, vector: int) -> State:
    gate = vcpu.system.idt_base + 16 * vector
    if machine.boot.permits(gate, int(Access.WRITE)) or not machine.boot.permits(gate, int(Access.READ)):
        raise NotProven
    bits = int.from_bytes(machine.boot.read(gate, 16), "little")
    handler = bits & 0xFFFF | (bits >> 48 & 0xFFFF) << 16 | (bits >> 64 & 0xFFFFFFFF) << 32
    registers = [Value("context", number) for number in range(16)]
    frame = {-8: _SELECTOR, -16: registers[RSP], -24: _FLAGS, -32: _SELECTOR, -40: _RIP}
    registers[RSP] = Value("stack", -40)
    return State(handler, tuple(registers), _FLAGS, tuple(sorted(frame.items())))


@dataclass(slots=True)
class _Run:
    """One abstract step."""

    machine: Machine
    state: State

    def step(self) -> list[State]:
        """Return the states after the instruction at RIP; none where the handler ends as it should."""
        instruction = self.machine.instruction(self.state.rip)
        if instruction is None:
            raise NotProven
        name = instruction.mnemonic
        if name == "iretq":
            return self._iret()
        if instruction.flow is Flow.CALL:
            target = instruction.target if instruction.target is not None else self._constant_load(instruction)
            return [self._push(Value("constant", instruction.end))._replace(rip=target)]
        if instruction.flow is Flow.RET:
            value, state = self._pop()
            return [state._replace(rip=_constant(value))]
        if instruction.flow is Flow.JUMP and instruction.target is not None:
            return [self.state._replace(rip=instruction.target)]
        if instruction.flow is Flow.BRANCH and instruction.target is not None and name.startswith("j"):
            if self.state.flags != OWN:
                raise NotProven
            return [self.state._replace(rip=target) for target in (instruction.target, instruction.end)]
        if instruction.flow is not Flow.NEXT:
            raise NotProven
        return [self._straight(instruction)._replace(rip=instruction.end)]

    def _straight(self, instruction: Instruction) -> State:
        name, operands = instruction.mnemonic, instruction.operands.split(", ")
        if name == "push":
            return self._push(self._operand(instruction, operands[0]))
        if name == "pop" and operands[0] in GENERAL:
            value, state = self._pop()
            return _set(state, GENERAL.index(operands[0]), value)
        if name == "pushfq":
            return self._push(self.state.flags)
        if name in ("add", "sub") and (moved := self._moved(instruction, operands)) is not None:
            return moved
        if name in ("mov", "movabs") and (copied := self._copied(instruction, operands)) is not None:
            return copied
        return self._computed(instruction)

    def _moved(self, instruction: Instruction, operands: list[str]) -> State | None:
        """Add to or subtract from a stack address, in a register or in a word on the stack."""
        amount = _immediate(operands[1]) * (1 if instruction.mnemonic == "add" else -1)
        slot = self._slot(instruction)
        old = self._word(slot) if slot is not None else self._register(operands[0])
        if old is None or old.kind != "stack" or operands[1] in GENERAL:
            return None
        new = Value("stack", old.number + amount)
        state = self.state._replace(flags=_FLAGS)  # of an address: they depend on what was interrupted
        return self._store(state, slot, new) if slot is not None else _set(state, GENERAL.index(operands[0]), new)

    def _copied(self, instruction: Instruction, operands: list[str]) -> State | None:
        """Move a whole register, word on the stack, or constant."""
        slot, state = self._slot(instruction), self.state
        if slot is not None and operands[1] in GENERAL:
            return self._store(state, slot, self._register(operands[1]) or OWN)
        if operands[0] in GENERAL and slot is not None:
            return _set(state, GENERAL.index(operands[0]), self._word(slot))
        if operands[0] in GENERAL and operands[1] in GENERAL:
            return _set(state, GENERAL.index(operands[0]), self._register(operands[1]) or OWN)
        if not instruction.memory and _is_number(operands[1]) and instruction.registers_written:
            number = GENERAL.index(instruction.registers_written[0])
            if instruction.registers_written[0] not in instruction.registers_read:
                return _set(state, number, Value("constant", _immediate(operands[1])))
        return None

    def _computed(self, instruction: Instruction) -> State:
        """Compute something of the handler's own values and of shared memory."""
        if instruction.mnemonic not in _UNDERSTOOD and not instruction.mnemonic.startswith(("set", "cmov")):
            raise NotProven
        zeroing = instruction.mnemonic == "xor" and len(set(instruction.operands.split(", "))) == 1
        partial = instruction.mnemonic in ("inc", "dec")
        for name in instruction.registers_read:
            if name == "rflags":
                if self.state.flags != OWN and not partial:
                    raise NotProven
            elif not zeroing and self._register(name) not in (OWN, None) and not self._is_constant(name):
                raise NotProven
        if instruction.mnemonic == "wrmsr":
            msr = self.state.registers[GENERAL.index("rcx")]
            if msr.kind != "constant" or msr.number not in (X2APIC_EOI, X2APIC_ICR):
                raise NotProven
        self._require_shared(instruction)
        state = self.state
        for name in instruction.registers_written:
            if name == "rflags":
                state = state._replace(flags=state.flags if partial else OWN)
            elif name == "rsp":
                raise NotProven
            else:
                state = _set(state, GENERAL.index(name), OWN)
        return state

    def _require_shared(self, instruction: Instruction) -> None:
        for operand in instruction.memory:
            if operand.implicit or operand.base or operand.index or operand.segment or operand.bit_index:
                raise NotProven
            region = self.machine.boot.region(operand.displacement)
            if region is None or region.owner is not None:
                raise NotProven

    def _iret(self) -> list[State]:
        base = self.state.registers[RSP]
        if base.kind != "stack":
            raise NotProven
        rip, code, flags, rsp, stack = (self._word(base.number + offset) for offset in range(0, 40, 8))
        if code.kind != "constant" or stack.kind != "constant":
            raise NotProven
        if rip.kind == "constant":  # an IRET to its own next line
            registers = (*self.state.registers[:RSP], rsp, *self.state.registers[RSP + 1 :])
            return [self.state._replace(rip=rip.number, registers=registers, flags=flags)]
        restored = all(value == Value("context", n) for n, value in enumerate(self.state.registers) if n != RSP)
        if not restored or base.number != -40 or (rip, flags, rsp) != (_RIP, _FLAGS, Value("context", RSP)):
            raise NotProven
        return []

    # values ----------------------------------------------------------------------------------------------

    def _operand(self, instruction: Instruction, text: str) -> Value:
        if text in GENERAL:
            return self.state.registers[GENERAL.index(text)]
        if _is_number(text):
            return Value("constant", _immediate(text) & (1 << 64) - 1)
        slot = self._slot(instruction)
        if slot is None:
            raise NotProven
        return self._word(slot)

    def _register(self, name: str) -> Value | None:
        return self.state.registers[GENERAL.index(name)] if name in GENERAL else None

    def _is_constant(self, name: str) -> bool:
        value = self._register(name)
        return value is not None and value.kind == "constant"

    def _slot(self, instruction: Instruction) -> int | None:
        """Return the offset of a whole word on the stack that the instruction names, None if it names none."""
        for operand in instruction.memory:
            base = self._register(operand.base or "")
            if not operand.implicit and base is not None and base.kind == "stack":
                if operand.index or operand.segment or operand.size != 8:
                    raise NotProven
                return base.number + operand.displacement
        return None

    def _word(self, slot: int) -> Value:
        found = dict(self.state.stack).get(slot)
        if found is None:
            raise NotProven
        return found

    def _store(self, state: State, slot: int, value: Value) -> State:
        if slot % 8 or slot >= 0 or slot < state.registers[RSP].number:
            raise NotProven
        return state._replace(stack=tuple(sorted({**dict(state.stack), slot: value}.items())))

    def _push(self, value: Value) -> State:
        top = self.state.registers[RSP]
        if top.kind != "stack":
            raise NotProven
        return self._store(_set(self.state, RSP, Value("stack", top.number - 8)), top.number - 8, value)

    def _pop(self) -> tuple[Value, State]:
        top = self.state.registers[RSP]
        if top.kind != "stack":
            raise NotProven
        left = tuple(entry for entry in self.state.stack if entry[0] != top.number)
        return self._word(top.number), _set(self.state._replace(stack=left), RSP, Value("stack", top.number + 8))

    def _constant_load(self, instruction: Instruction) -> int:
        """Return the target of an indirect call through memory that never changes."""
        operand = next((each for each in instruction.memory if not each.implicit), None)
        if operand is None or operand.base or operand.index or operand.segment:
            raise NotProven
        if self.machine.boot.permits(operand.displacement, int(Access.WRITE)):
            raise NotProven
        return self.machine.boot.word(operand.displacement)


_UNDERSTOOD = frozenset({
    "mov", "movabs", "movzx", "movsx", "movsxd", "lea", "add", "sub", "and", "or", "xor", "not", "neg", "inc", "dec",
    "cmp", "test", "shl", "shr", "sar", "xadd", "xchg", "cmpxchg", "nop", "pause", "wrmsr", "lfence", "sfence",
    "mfence", "endbr64", "imul", "cdqe", "cwde",
})  # fmt: skip


def _set(state: State, number: int, value: Value) -> State:
    return state._replace(registers=(*state.registers[:number], value, *state.registers[number + 1 :]))


def _constant(value: Value) -> int:
    if value.kind != "constant":
        raise NotProven
    return value.number


def _is_number(text: str) -> bool:
    return text.lstrip("-")[:1].isdigit()


def _immediate(text: str) -> int:
    return int(text, 0) if _is_number(text) else 0
