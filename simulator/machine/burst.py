"""Bursts: long runs of plain code on private memory, at Unicorn's own speed instead of one question a step.

A burst ends exactly before the first step that is not plain: one that touches memory which others can change or
see, fetches text that can change, is not an ordinary integer instruction, or raises an exception. So it is what
``Machine.local_step`` does, repeated; a test compares them. What makes that so:

* Memory that is not the CPU's own or constant is not mapped, and an access to it stops before it happens.
* Every address of executable memory at which something else than a plain instruction stands is an exit, whatever
  the instructions around it are taken to be: code that jumps into the middle of an instruction stops there too.
* Memory below the stack pointer reads as boot left it. What allocates stack without writing it, ``sub rsp, n``,
  first puts that back. (A load from below the stack pointer by way of another register sees what was there: no
  compiler makes one where there is no red zone.)

How many instructions ran is found by bisection: Unicorn stops after a given number, and does not say how many.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import NamedTuple

from simulator.machine.engine import Native, Registers
from simulator.machine.fetch import Text
from simulator.machine.memory import PAGE, WORD, Access, BootImage, Cells, Region
from simulator.machine.vcpu import RSP, CpuLayout, VCpu, live_private, stack_of
from simulator.x86.decode import Instruction

_SMALLEST, _LARGEST = 1 << 8, 1 << 16
"""Instructions asked for at once: what bisection may have to run again, some sixteen times."""

_ANY = frozenset({
    "mov", "movabs", "movzx", "movsx", "movsxd", "lea", "add", "sub", "adc", "sbb", "and", "or", "xor", "not", "neg",
    "inc", "dec", "cmp", "test", "imul", "mul", "div", "idiv", "shl", "sal", "shr", "sar", "rol", "ror", "rcl", "rcr",
    "shld", "shrd", "bswap", "bt", "bts", "btr", "btc", "xchg", "cdq", "cdqe", "cqo", "cwde", "cbw", "cwd", "nop",
    "endbr64", "jmp", "clc", "stc", "cmc", "popcnt",
})  # fmt: skip
"""Plain instructions, with operands of any kind but the stack pointer as a destination."""
_CONDITIONAL = ("j", "set", "cmov")
_SPECIAL = re.compile(r"(^|, )([cd]r[0-9]+|[cdefgs]s)\b(?!:)")
"""Control, debug and segment registers as operands."""
_STACK = frozenset({"push", "pop", "call", "ret"})
_ARITHMETIC = frozenset({"add", "sub", "and"})
"""What may change the stack pointer, by a constant."""

_MASK = (1 << 64) - 1


class Burst(NamedTuple):
    """Where a run of plain code ended, and after how many instructions."""

    vcpu: VCpu
    steps: int


class Bursts:
    """Runs the vCPUs of one boot image. Holds no state but what Unicorn has translated."""

    def __init__(self, boot: BootImage, text: Text, decode: Callable[[int], Instruction | None]) -> None:
        self._boot, self._text, self._decode = boot, text, decode
        self._runners: dict[tuple[int, int], _Runner] = {}

    def run(self, vcpu: VCpu, limit: int, stops: Collection[int] = ()) -> Burst:
        """Run a vCPU up to the next step that is not plain, the next of ``stops``, or for ``limit`` instructions."""
        stack, rsp = stack_of(vcpu.layout, vcpu.general[RSP]), vcpu.general[RSP]
        if stack is None or rsp % WORD or vcpu.suspended or limit < 1:
            return Burst(vcpu, 0)
        runner = self._runners.get((vcpu.number, stack))
        if runner is None:
            code = _Code(self._boot, self._text, self._decode)
            runner = self._runners[(vcpu.number, stack)] = _Runner(self._boot, code, vcpu.layout, stack)
        return runner.run(vcpu, limit, frozenset(stops))


class _Code:
    """Which addresses of a page are plain instructions, and which of those allocate stack."""

    def __init__(self, boot: BootImage, text: Text, decode: Callable[[int], Instruction | None]) -> None:
        self.boot, self.text, self.decode = boot, text, decode

    def permits(self, page: int) -> bool:
        return self.boot.permits(page * PAGE, int(Access.EXECUTE))

    def constant(self, page: int) -> bool:
        """Say whether nobody can write the page, so that reading it is nobody's business."""
        region = self.boot.region(page * PAGE)
        if region is None or region.access & Access.WRITE or region.alias_of is not None or region.owner is not None:
            return False
        return bool(region.access & Access.READ) and not self.text.is_mutable(page * PAGE, (page + 1) * PAGE)

    def instructions(self, page: int) -> Iterator[tuple[int, Instruction | None]]:
        """Yield what stands at every address of a page; zeros, which are padding and plain, are left out."""
        content = self.boot.read(page * PAGE, PAGE)
        for offset in range(PAGE):
            if content[offset : offset + 2] != b"\0\0":
                yield page * PAGE + offset, self.decode(page * PAGE + offset)


class _Runner:
    """One vCPU on one of its stacks."""

    def __init__(self, boot: BootImage, code: _Code, layout: CpuLayout, stack: int) -> None:
        self._boot, self._code, self._low = boot, code, layout.stacks[stack].low
        self._native, self._pages = Native(), set[int]()
        self._exits, self._stops = set[int](), frozenset[int]()
        elsewhere = [each for number, each in enumerate(layout.stacks) if each.ist and number != stack]
        self._private = tuple(
            page for region in boot.regions if region.owner == layout.number and _is_data(region)
            for page in range(region.start // PAGE, region.end // PAGE)
            if not any(each.low < (page + 1) * PAGE and page * PAGE < each.high for each in elsewhere)
        )  # fmt: skip
        for page in self._private:
            self._native.map(page, bytes(PAGE), write=True, execute=False)
        for page in sorted({page for each in boot.regions for page in range(each.start // PAGE, each.end // PAGE)}):
            if code.constant(page) and not code.permits(page):
                self._native.map(page, boot.read(page * PAGE, PAGE), write=False, execute=False)

    def run(self, vcpu: VCpu, limit: int, stops: frozenset[int]) -> Burst:
        """Return where plain code ends. It is run in pieces, the last of which is bisected."""
        if stops != self._stops:
            self._stops = stops
            self._native.stop_at(self._exits | stops)
        self._load(vcpu.private)
        here = Registers(vcpu.general, vcpu.rip, vcpu.rflags, vcpu.system.gs_base, vcpu.system.fs_base)
        count, ended = 0, self._is_exit(here.rip)
        while not ended and count < limit:
            piece = min(max(count // 8, _SMALLEST), _LARGEST, limit - count)
            here, ran = self._piece(here, piece)
            count, ended = count + ran, ran < piece or self._is_exit(here.rip)
        return Burst(self._result(vcpu, here), count) if count else Burst(vcpu, 0)

    def _is_exit(self, rip: int) -> bool:
        self._map_code(rip)
        return rip in self._exits or rip in self._stops

    def _piece(self, start: Registers, most: int) -> tuple[Registers, int]:
        """Run at most so many instructions; return where that ends, and how many they were."""
        before = self._save()
        end, refused = self._native.run(start, most)
        while refused and self._map_code(end.rip):
            self._restore(before)
            end, refused = self._native.run(start, most)
        if not refused and not self._is_exit(end.rip):
            return end, most
        low, high = 1, most + refused  # the smallest number that ends as this one did
        while low < high:
            middle = (low + high) // 2
            self._restore(before)
            there, bad = self._native.run(start, middle)
            if bad if refused else self._is_exit(there.rip):
                high = middle
            else:
                low = middle + 1
        ran = low - refused
        self._restore(before)
        return (self._native.run(start, ran)[0] if ran else start), ran

    def _map_code(self, rip: int) -> bool:
        """Make a page of code runnable that was not yet; say whether there was one to be made so."""
        for page in (rip // PAGE, rip // PAGE + 1):
            if page not in self._pages and self._code.permits(page):
                self._pages.add(page)
                for address, instruction in self._code.instructions(page):
                    if instruction is None or not is_plain(instruction):
                        self._exits.add(address)
                    elif allocated(instruction, 0):
                        self._native.before(address, partial(self._allocate, instruction))
                content = self._boot.read(page * PAGE, PAGE)
                self._native.map(page, content, write=False, execute=True, read=self._code.constant(page))
                self._native.stop_at(self._exits | self._stops)
                return True
        return False

    def _allocate(self, instruction: Instruction, rsp: int) -> None:
        low = max(rsp - allocated(instruction, rsp), self._low)
        if low < rsp:
            self._native.write(low, self._boot.read(low, rsp - low))

    # private memory --------------------------------------------------------------------------------------

    def _load(self, private: Cells) -> None:
        for page in self._private:
            self._native.write(page * PAGE, self._boot.read(page * PAGE, PAGE))
        for address, value in private:
            if address // PAGE in self._private:
                self._native.write(address, value.to_bytes(WORD, "little"))

    def _save(self) -> list[bytes]:
        return [self._native.read(page * PAGE, PAGE) for page in self._private]

    def _restore(self, saved: list[bytes]) -> None:
        for page, content in zip(self._private, saved, strict=True):
            self._native.write(page * PAGE, content)

    def _result(self, vcpu: VCpu, here: Registers) -> VCpu:
        kept = [cell for cell in vcpu.private if cell[0] // PAGE not in self._private]
        found = (cell for page, content in zip(self._private, self._save(), strict=True)
                 for cell in self._changed(page, content))  # fmt: skip
        private = live_private(vcpu.layout, tuple(sorted((*kept, *found))), (), here.general[RSP])
        return vcpu._replace(general=here.general, rip=here.rip, rflags=here.rflags, private=private, shadow=False)

    def _changed(self, page: int, content: bytes) -> Iterator[tuple[int, int]]:
        old = self._boot.read(page * PAGE, PAGE)
        if old == content:
            return
        for offset in range(0, PAGE, WORD):
            word = content[offset : offset + WORD]
            if word != old[offset : offset + WORD]:
                yield page * PAGE + offset, int.from_bytes(word, "little")


def _is_data(region: Region) -> bool:
    return region.access & (Access.READ | Access.WRITE | Access.EXECUTE) == Access.READ | Access.WRITE


def is_plain(instruction: Instruction) -> bool:
    """Say whether an instruction does nothing that the machine would have to know of, whatever its operands hold."""
    name = instruction.mnemonic
    if name not in _ANY and name not in _STACK and not name.startswith(_CONDITIONAL):
        return False
    if instruction.prefix or instruction.locked or instruction.serializing or _SPECIAL.search(instruction.operands):
        return False
    if name in _STACK:
        return 0x66 not in instruction.code[:2] and instruction.operands != "rsp"
    if any(each.base == "rsp" and _signed(each.displacement) < 0 for each in instruction.memory):
        return False  # reads or writes dead memory
    return "rsp" not in instruction.registers_written or _by_constant(instruction) is not None


def allocated(instruction: Instruction, rsp: int) -> int:
    """Return how many bytes of stack an instruction allocates without writing them, where the stack pointer is ``rsp``.

    With 0 for ``rsp``: more than zero if it may allocate any.
    """
    constant = _by_constant(instruction)
    if constant is None or "rsp" not in instruction.registers_written:
        return 0
    match instruction.mnemonic:
        case "and":
            return rsp & ~constant & _MASK if rsp else 1
        case "sub":
            return max(constant, 0)
        case _:
            return max(-constant, 0)


def _by_constant(instruction: Instruction) -> int | None:
    """Return the constant by which an instruction changes the stack pointer as a multiple of a word."""
    target, _, operand = instruction.operands.partition(", ")
    if target != "rsp" or instruction.mnemonic not in _ARITHMETIC:
        return None
    try:
        constant = _signed(int(operand, 0) & _MASK)
    except ValueError:
        return None
    return constant if constant % WORD == 0 else None


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 & 1 else value
