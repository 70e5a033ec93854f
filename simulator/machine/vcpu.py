"""One virtual CPU as a value: registers, masks, pending events, store buffer, fetch state, live private memory."""

from __future__ import annotations

from typing import NamedTuple

from simulator.machine.memory import Cells, without_cells

RSP = 4
"""Index of the stack pointer in ``VCpu.general`` (hardware encoding order)."""

IF = 1 << 9
"""The interrupt flag in RFLAGS."""


class Stack(NamedTuple):
    """A private stack ``[low, high)``; ``ist`` says that only the interrupt stack table leads to it."""

    low: int
    high: int
    ist: bool


class CpuLayout(NamedTuple):
    """What does not change about one vCPU: its number and its private and per-CPU memory."""

    number: int
    base: int
    shared: tuple[int, int]
    stacks: tuple[Stack, ...]
    entry: int
    """Where it starts."""
    stack_top: int


class System(NamedTuple):
    """The system registers that guest code sets, mostly at boot."""

    gs_base: int = 0
    kernel_gs_base: int = 0
    fs_base: int = 0
    idt_base: int = 0
    idt_limit: int = 0
    gdt_base: int = 0
    gdt_limit: int = 0
    tss_base: int = 0
    cr0: int = 0x80000011
    cr2: int = 0
    cr3: int = 0
    cr4: int = 0


class Chunk(NamedTuple):
    """Bytes of one store that become visible together, at a canonical address."""

    address: int
    data: bytes
    aliased: bool
    """Written through a second mapping."""


class Fetch(NamedTuple):
    """What a CPU has fetched and not yet executed; all empty after a flush.

    ``held`` is, under the lazy rules, for each granule the values it may still have besides memory's, oldest
    first (age P), or the snapshots of all mutable text since the last fetch (age Q); under the literal rules
    the copies held (P) or the queue (Q). ``floors`` (age Q, lazy) are granules that an own store evicted, with
    the first snapshot that is new enough. ``dirty`` (strict) are bytes other CPUs stored since the last flush,
    each with whether some of those stores was neither from nor to INT3.
    """

    partial: bytes = b""
    held: tuple[tuple[int, tuple[bytes, ...]], ...] = ()
    floors: tuple[tuple[int, int], ...] = ()
    dirty: tuple[tuple[int, bool], ...] = ()


FLUSHED = Fetch()


class VCpu(NamedTuple):
    """The state of one vCPU. Equal values have equal futures (given equal memory)."""

    layout: CpuLayout
    general: tuple[int, ...]
    """RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15."""
    rip: int
    rflags: int
    system: System = System()
    private: Cells = ()
    suspended: tuple[tuple[int, int], ...] = ()
    """Stacks left by a switch to another: (index of the stack, RSP it will be resumed with)."""
    stores: tuple[tuple[Chunk, ...], ...] = ()
    """The store buffer, oldest first; each store is the chunks of it that are not visible yet."""
    fetch: Fetch = FLUSHED
    requested: tuple[int, ...] = ()
    """Vectors that wait in the local APIC (IRR), ascending."""
    in_service: tuple[int, ...] = ()
    """Vectors delivered and not yet ended by EOI (ISR), ascending."""
    nmi_pending: bool = False
    nmi_blocked: bool = False
    halted: bool = False
    shadow: bool = False
    """Right behind an STI: maskable interrupts wait for one more instruction."""
    timer_armed: bool = False
    nmi_budget: int = 0
    """External NMIs that may still arrive."""
    tsc: int = 0
    """The time stamp counter; it advances only when it is read."""
    shutdown: bool = False
    """Stopped by a triple fault."""

    @property
    def number(self) -> int:
        """Return the number of this vCPU."""
        return self.layout.number

    @property
    def interrupts_on(self) -> bool:
        """Say whether a maskable interrupt could be taken here."""
        return bool(self.rflags & IF) and not self.shadow


def live_private(vcpu_layout: CpuLayout, private: Cells, suspended: tuple[tuple[int, int], ...], rsp: int) -> Cells:
    """Return private memory without what lies below the stack pointer of each stack.

    There is no red zone in a kernel, so that memory is dead: an interrupt may overwrite it at any time.
    Keeping it would make states differ that have the same future.
    """
    resumed = dict(suspended)
    for number, stack in enumerate(vcpu_layout.stacks):
        if stack.low < rsp <= stack.high:
            floor = rsp
        elif number in resumed:
            floor = resumed[number]
        else:
            floor = stack.high if stack.ist else stack.low
        private = without_cells(private, stack.low, floor & ~7)
    return private


def stack_of(layout: CpuLayout, rsp: int) -> int | None:
    """Return the number of the private stack that a stack pointer lies in."""
    for number, stack in enumerate(layout.stacks):
        if stack.low < rsp <= stack.high:
            return number
    return None
