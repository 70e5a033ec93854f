"""What one instruction does, asked of Unicorn: an oracle, never the fetch model.

The effect of an instruction is a function of its bytes, its address, the registers and the memory values it
reads. The engine hands Unicorn a private window with exactly those bytes, feeds each read as it is asked for,
collects the writes, and remembers the answer. Unicorn's translation cache is dropped for every question: host
writes to code stay stale in it (Unicorn 2.1.4; see docs/architecture.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

import unicorn
from unicorn import x86_const

from simulator.x86.registers import GENERAL

PAGE = 4096

Load = Callable[[int, int], bytes]
"""Returns ``size`` bytes at an address as this CPU sees them; raises PageFault."""


class PageFault(Exception):
    """A data access that the regions do not permit; delivered to the guest as #PF."""

    def __init__(self, address: int, reason: str, *, write: bool) -> None:
        super().__init__(reason)
        self.address, self.reason, self.write = address, reason, write


class Registers(NamedTuple):
    """The registers an ordinary instruction can use: inputs and outputs of the oracle."""

    general: tuple[int, ...]
    rip: int
    rflags: int
    gs_base: int
    fs_base: int


class Effect(NamedTuple):
    """What an instruction did, given what it read."""

    reads: tuple[tuple[int, bytes], ...]
    writes: tuple[tuple[int, bytes], ...]
    general: tuple[int, ...]
    rip: int
    rflags: int
    exception: int | None = None
    """Vector of the exception raised instead; registers are then unchanged."""


_unicorn: Any = unicorn
"""The binding declares types that leave out most of it."""

_GENERAL = tuple(getattr(x86_const, f"UC_X86_REG_{name.upper()}") for name in GENERAL)
_RIP, _RFLAGS = x86_const.UC_X86_REG_RIP, x86_const.UC_X86_REG_RFLAGS
_GS, _FS = x86_const.UC_X86_REG_GS_BASE, x86_const.UC_X86_REG_FS_BASE
_RSP = GENERAL.index("rsp")
_MASK = (1 << 64) - 1
_END = b"\x0f\x0b"
"""UD2 behind the instruction ends what Unicorn translates; else it goes on through old bytes, at 40 times the cost."""
_KEPT_FLAGS = 0xFD5 | 1 << 9 | 1 << 21
"""Arithmetic flags, DF, IF and ID: what code can change and see."""


class Engine:
    """A memoised oracle. ``memo=False`` asks Unicorn every time (to test that it makes no difference)."""

    def __init__(self, *, memo: bool = True) -> None:
        self._memo: dict[tuple[bytes, Registers], list[Effect]] | None = {} if memo else None
        self._window: _Window | None = None
        self.asked = 0
        """How often Unicorn ran, for benchmarks."""

    def effect(self, code: bytes, registers: Registers, load: Load) -> Effect:
        """Return what ``code`` does at ``registers.rip``. Raises PageFault when a read is not permitted."""
        if self._memo is None:
            return self._ask(code, registers, load)
        known = self._memo.setdefault((code, registers), [])
        for effect in known:
            if all(load(address, len(data)) == data for address, data in effect.reads):
                return effect
        effect = self._ask(code, registers, load)
        known.append(effect)
        return effect

    def _ask(self, code: bytes, registers: Registers, load: Load) -> Effect:
        if self._window is None:
            self._window = _Window()
        self.asked += 1
        return self._window.run(code, registers, load)


class Native:
    """Runs code at Unicorn's own speed, on memory that is all its own, until it comes to where it must stop.

    It stops before the instructions at ``exits`` and before an access to memory that is not there or not permitted.
    """

    def __init__(self) -> None:
        self._uc = _unicorn.Uc(unicorn.UC_ARCH_X86, unicorn.UC_MODE_64)
        self._uc.ctl_set_tlb_mode(unicorn.UC_TLB_VIRTUAL)
        self._uc.ctl_exits_enabled(True)
        self._uc.hook_add(unicorn.UC_HOOK_INTR, self._on_interrupt)  # without it an exception is tried for ever
        self._refused = False
        self._fresh = self._uc.context_save()

    def map(self, page: int, content: bytes, *, write: bool, execute: bool, read: bool = True) -> None:
        """Put a page (by number) into memory."""
        rights = read * unicorn.UC_PROT_READ | write * unicorn.UC_PROT_WRITE | execute * unicorn.UC_PROT_EXEC
        self._uc.mem_map(page * PAGE, PAGE, rights)
        self._uc.mem_write(page * PAGE, content)

    def stop_at(self, exits: Collection[int]) -> None:
        """Replace the addresses before which to stop."""
        self._uc.ctl_set_exits(sorted(exits))
        self._uc.ctl_flush_tb()

    def before(self, address: int, act: Callable[[int], None]) -> None:
        """Call ``act`` with the stack pointer each time the instruction at an address is about to run."""

        def hook(uc: Any, address: int, size: int, data: object) -> None:
            act(uc.reg_read(_GENERAL[_RSP]))

        self._uc.hook_add(unicorn.UC_HOOK_CODE, hook, begin=address, end=address)

    def read(self, address: int, size: int) -> bytes:
        """Return memory."""
        return bytes(self._uc.mem_read(address, size))

    def write(self, address: int, data: bytes) -> None:
        """Change memory that holds no code."""
        self._uc.mem_write(address, data)

    def run(self, registers: Registers, count: int) -> tuple[Registers, bool]:
        """Run at most ``count`` instructions; return the registers, and whether an access or exception ended it."""
        uc = self._uc
        uc.context_restore(self._fresh)  # else a second exception becomes a double fault
        for register, value in zip(_GENERAL, registers.general, strict=True):
            uc.reg_write(register, value)
        uc.reg_write(_RFLAGS, registers.rflags)
        uc.reg_write(_GS, registers.gs_base)
        uc.reg_write(_FS, registers.fs_base)
        self._refused = False
        try:
            uc.emu_start(registers.rip, 0, count=count)
        except _unicorn.UcError:
            self._refused = True
        general = tuple(uc.reg_read(register) for register in _GENERAL)
        rflags = uc.reg_read(_RFLAGS) & _KEPT_FLAGS | 2
        return registers._replace(general=general, rip=uc.reg_read(_RIP), rflags=rflags), self._refused

    def _on_interrupt(self, uc: Any, number: int, data: object) -> None:
        self._refused = True
        uc.emu_stop()


class _Window:
    """One Unicorn instance whose memory is filled on demand and means nothing between two questions."""

    def __init__(self) -> None:
        self._uc = _unicorn.Uc(unicorn.UC_ARCH_X86, unicorn.UC_MODE_64)
        self._uc.ctl_set_tlb_mode(unicorn.UC_TLB_VIRTUAL)  # kernel-half addresses without page tables
        self._mapped: set[int] = set()
        self._load: Load | None = None
        self._reads: list[tuple[int, bytes]] = []
        self._writes: list[tuple[int, bytes]] = []
        self._vector: int | None = None
        self._fault: PageFault | None = None
        unmapped = unicorn.UC_HOOK_MEM_READ_UNMAPPED | unicorn.UC_HOOK_MEM_WRITE_UNMAPPED
        self._uc.hook_add(unmapped, self._on_unmapped)
        self._uc.hook_add(unicorn.UC_HOOK_MEM_READ, self._on_read)
        self._uc.hook_add(unicorn.UC_HOOK_MEM_WRITE, self._on_write)
        self._uc.hook_add(unicorn.UC_HOOK_INTR, self._on_interrupt)
        self._fresh = self._uc.context_save()

    def run(self, code: bytes, registers: Registers, load: Load) -> Effect:
        uc, rip = self._uc, registers.rip
        self._load, self._reads, self._writes = load, [], []
        self._vector, self._fault = None, None
        self._map(rip, PAGE)  # Unicorn translates ahead and stops at a page that is not there
        uc.mem_write(rip, code + _END)
        uc.ctl_remove_cache(rip, rip + len(code) + len(_END))
        for register, value in zip(_GENERAL, registers.general, strict=True):
            uc.reg_write(register, value)
        uc.reg_write(_RFLAGS, registers.rflags)
        uc.reg_write(_GS, registers.gs_base)
        uc.reg_write(_FS, registers.fs_base)
        self._start(rip)
        if self._fault is not None:
            raise self._fault
        if self._vector is not None:
            uc.context_restore(self._fresh)  # else the next exception becomes a double fault
            return Effect(tuple(self._reads), (), registers.general, rip, registers.rflags, self._vector)
        general = tuple(uc.reg_read(register) for register in _GENERAL)
        rflags = uc.reg_read(_RFLAGS) & _KEPT_FLAGS | 2
        return Effect(tuple(self._reads), tuple(self._writes), general, uc.reg_read(_RIP), rflags)

    def _start(self, rip: int) -> None:
        try:
            self._uc.emu_start(rip, _MASK - 1, count=1)
        except _unicorn.UcError as error:
            if error.errno == unicorn.UC_ERR_FETCH_UNMAPPED:
                return  # the instruction is done; what it jumped to is fetched by the machine, not here
            self._vector = 6 if error.errno == unicorn.UC_ERR_INSN_INVALID else 13

    def _map(self, address: int, size: int) -> None:
        for page in range(address // PAGE, (address + size - 1) // PAGE + 1):
            if page not in self._mapped:
                self._uc.mem_map(page * PAGE & _MASK, PAGE)
                self._mapped.add(page)

    def _on_unmapped(self, uc: Any, access: int, address: int, size: int, value: int, data: object) -> bool:
        self._map(address & _MASK, size)
        return True

    def _on_read(self, uc: Any, access: int, address: int, size: int, value: int, data: object) -> None:
        if self._fault is not None or self._load is None:
            return
        address &= _MASK
        try:
            found = self._load(address, size)
        except PageFault as fault:
            self._fault = fault
            uc.emu_stop()
            return
        self._map(address, size)
        uc.mem_write(address, found)
        self._reads.append((address, found))

    def _on_write(self, uc: Any, access: int, address: int, size: int, value: int, data: object) -> None:
        self._map(address & _MASK, size)
        mask = (1 << (8 * size)) - 1
        self._writes.append((address & _MASK, (value & mask).to_bytes(size, "little")))

    def _on_interrupt(self, uc: Any, number: int, data: object) -> None:
        self._vector = number
        uc.emu_stop()
