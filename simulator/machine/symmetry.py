"""When vCPUs are interchangeable: the same state under another CPU's addresses.

Each vCPU owns a block of private memory at its own address. Renaming moves a vCPU to another CPU's block: its
private words, and every register or private word that points into the block. Two vCPUs whose states are equal
after renaming behave alike as long as the guest never looks at what tells them apart (``Identified`` events).
"""

from __future__ import annotations

from simulator.machine.memory import BootImage
from simulator.machine.vcpu import CpuLayout, VCpu

BLOCK = 0x10000
"""Size of one CPU's block of per-CPU memory."""


def renamed(vcpu: VCpu, layout: CpuLayout) -> VCpu:
    """Return ``vcpu`` as it would be on the CPU that ``layout`` describes."""
    old, new = vcpu.layout.base, layout.base
    if old == new:
        return vcpu

    def move(value: int) -> int:
        return value - old + new if old <= value <= old + BLOCK else value

    system = vcpu.system._replace(
        gs_base=move(vcpu.system.gs_base), gdt_base=move(vcpu.system.gdt_base), tss_base=move(vcpu.system.tss_base),
        kernel_gs_base=move(vcpu.system.kernel_gs_base), fs_base=move(vcpu.system.fs_base),
    )  # fmt: skip
    return vcpu._replace(
        layout=layout, general=tuple(move(value) for value in vcpu.general), rip=vcpu.rip, system=system,
        private=tuple((move(address), move(value)) for address, value in vcpu.private),
        suspended=tuple((stack, move(rsp)) for stack, rsp in vcpu.suspended),
    )  # fmt: skip


def telltales(boot: BootImage, layouts: tuple[CpuLayout, ...]) -> frozenset[int]:
    """Return the private words whose boot values differ between CPUs by more than their own addresses."""
    found: set[int] = set()
    first = layouts[0]
    for other in layouts[1:]:
        for offset in range(0, BLOCK, 8):
            here, there = boot.word(first.base + offset), boot.word(other.base + offset)
            if first.base <= here <= first.base + BLOCK:
                here += other.base - first.base
            if here != there:
                found.update((first.base + offset, other.base + offset))
    return frozenset(found)
