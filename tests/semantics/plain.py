"""A multi-CPU guest on plain Unicorn: one instance per vCPU, one host buffer per region, and nothing of the machine.

Ordinary instructions are Unicorn's from fetch to write-back. What Unicorn leaves to its user is written here once
more: interrupt frames through the guest's own IDT and TSS, INT3, IRET, HLT, CPUID and the x2APIC's command and EOI
registers.
"""

import ctypes
import mmap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import unicorn
from unicorn import x86_const as x86

from simulator.machine.memory import BootImage, Region
from simulator.machine.vcpu import VCpu
from simulator.x86.registers import GENERAL

MASK = (1 << 64) - 1
PAGE = 4096
IF = 0x200
FLAGS = 0xFD5 | IF | 1 << 21
REGISTERS = tuple(getattr(x86, f"UC_X86_REG_{name.upper()}") for name in GENERAL)
RSP = GENERAL.index("rsp")
NMI = 2
UNTIL = 0x1000
"""An address where no guest is."""

_uc: Any = unicorn


@dataclass(slots=True)
class Cpu:
    """One instance, and what belongs to the vCPU but not to Unicorn."""

    uc: Any
    idt: int
    tss: int
    pending: set[int] = field(default_factory=set)
    in_service: list[int] = field(default_factory=list)
    nmi: bool = False
    halted: bool = False


class Plain:
    """Every vCPU of a booted guest. Stores are visible at once; fetch is coherent."""

    def __init__(self, boot: BootImage, vcpus: Sequence[VCpu]) -> None:
        self._buffers: dict[str, tuple[Region, mmap.mmap]] = {}
        for region in boot.regions:
            if region.alias_of is None:
                buffer = mmap.mmap(-1, _size(region))
                buffer[:] = boot.read(region.start, _size(region))
                self._buffers[region.name] = (region, buffer)
        self.cpus = [self._cpu(boot, vcpu) for vcpu in vcpus]
        self.written: set[int] = set()
        """Every aligned word of memory that any vCPU has written."""

    def _cpu(self, boot: BootImage, vcpu: VCpu) -> Cpu:
        uc = _uc.Uc(_uc.UC_ARCH_X86, _uc.UC_MODE_64)
        uc.ctl_set_tlb_mode(_uc.UC_TLB_VIRTUAL)
        for region in boot.regions:
            home = region.start if region.alias_of is None else region.alias_of
            owner, buffer = self._at(home)
            pointer = ctypes.addressof(ctypes.c_char.from_buffer(buffer, home - owner.start))
            uc.mem_map_ptr(region.start, _size(region), _uc.UC_PROT_ALL, pointer)
        for number, value in zip(REGISTERS, vcpu.general, strict=True):
            uc.reg_write(number, value)
        uc.reg_write(x86.UC_X86_REG_RIP, vcpu.rip)
        uc.reg_write(x86.UC_X86_REG_RFLAGS, vcpu.rflags)
        uc.reg_write(x86.UC_X86_REG_GS_BASE, vcpu.system.gs_base)
        uc.hook_add(_uc.UC_HOOK_MEM_WRITE, self._on_write)
        return Cpu(uc, vcpu.system.idt_base, vcpu.system.tss_base)

    # memory ----------------------------------------------------------------------------------------------

    def _at(self, address: int) -> tuple[Region, mmap.mmap]:
        return next(
            (region, buffer) for region, buffer in self._buffers.values() if region.start <= address < region.end
        )

    def read(self, address: int, size: int) -> bytes:
        """Bytes at an address of a region itself, not of an alias."""
        region, buffer = self._at(address)
        return buffer[address - region.start : address - region.start + size]

    def restore(self, boot: BootImage, start: int, end: int) -> None:
        """Put back what boot left there."""
        region, buffer = self._at(start)
        buffer[start - region.start : end - region.start] = boot.read(start, end - start)

    def _word(self, cpu: Cpu, address: int, size: int = 8) -> int:
        return int.from_bytes(cpu.uc.mem_read(address, size), "little")

    def _push(self, cpu: Cpu, rsp: int, value: int) -> int:
        cpu.uc.mem_write(rsp - 8, (value & MASK).to_bytes(8, "little"))
        self.written.add(rsp - 8 & ~7)
        return rsp - 8

    def _on_write(self, uc: Any, access: int, address: int, size: int, value: int, data: object) -> None:
        self.written.update(range((address & MASK) & ~7, (address & MASK) + size, 8))

    # what a vCPU looks like ------------------------------------------------------------------------------

    def general(self, number: int) -> tuple[int, ...]:
        return tuple(self.cpus[number].uc.reg_read(register) for register in REGISTERS)

    def rip(self, number: int) -> int:
        return int(self.cpus[number].uc.reg_read(x86.UC_X86_REG_RIP))

    def rflags(self, number: int) -> int:
        return int(self.cpus[number].uc.reg_read(x86.UC_X86_REG_RFLAGS)) & FLAGS | 2

    # what it does ----------------------------------------------------------------------------------------

    def execute(self, number: int) -> None:
        """Execute the instruction at RIP, as memory has it now."""
        cpu = self.cpus[number]
        rip = self.rip(number)
        code = bytes(cpu.uc.mem_read(rip, 2))
        special = {b"\xcc": self._int3, b"\xf4": self._hlt}.get(code[:1]) or {
            b"\x48\xcf": self._iretq, b"\x0f\x30": self._wrmsr, b"\x0f\xa2": self._cpuid,
        }.get(code)  # fmt: skip
        if special is not None:
            special(cpu, rip)
            return
        for other in self.cpus:
            other.uc.ctl_remove_cache(rip, rip + 16)
        cpu.uc.emu_start(rip, UNTIL, count=1)

    def interrupt(self, number: int) -> None:
        """Deliver the highest vector that waits."""
        cpu = self.cpus[number]
        vector = max(cpu.pending)
        assert self.rflags(number) & IF
        assert not cpu.in_service or vector >> 4 > cpu.in_service[-1] >> 4
        cpu.pending.discard(vector)
        cpu.in_service.append(vector)
        self._deliver(cpu, vector, self.rip(number))

    def nmi(self, number: int) -> None:
        """Deliver the NMI that waits."""
        cpu = self.cpus[number]
        assert cpu.nmi
        cpu.nmi = False
        self._deliver(cpu, NMI, self.rip(number))

    def _deliver(self, cpu: Cpu, vector: int, saved: int) -> None:
        low, high = (self._word(cpu, cpu.idt + 16 * vector + offset) for offset in (0, 8))
        handler = low & 0xFFFF | low >> 32 & 0xFFFF0000 | (high & 0xFFFFFFFF) << 32
        stack_table_index = low >> 32 & 7
        rsp = cpu.uc.reg_read(REGISTERS[RSP])
        flags = cpu.uc.reg_read(x86.UC_X86_REG_RFLAGS) & FLAGS | 2
        top = self._word(cpu, cpu.tss + 0x1C + 8 * stack_table_index) if stack_table_index else rsp
        top &= ~15
        for value in (0x18, rsp, flags, 0x10, saved):
            top = self._push(cpu, top, value)
        cpu.uc.reg_write(REGISTERS[RSP], top)
        cpu.uc.reg_write(x86.UC_X86_REG_RFLAGS, flags & ~IF)
        cpu.uc.reg_write(x86.UC_X86_REG_RIP, handler)
        cpu.halted = False

    def _int3(self, cpu: Cpu, rip: int) -> None:
        self._deliver(cpu, 3, rip + 1)

    def _hlt(self, cpu: Cpu, rip: int) -> None:
        cpu.halted = True
        cpu.uc.reg_write(x86.UC_X86_REG_RIP, rip + 1)

    def _iretq(self, cpu: Cpu, rip: int) -> None:
        rsp = cpu.uc.reg_read(REGISTERS[RSP])
        to, _, flags, stack, _ = (self._word(cpu, rsp + 8 * slot) for slot in range(5))
        cpu.uc.reg_write(REGISTERS[RSP], stack)
        cpu.uc.reg_write(x86.UC_X86_REG_RFLAGS, flags)
        cpu.uc.reg_write(x86.UC_X86_REG_RIP, to)

    def _wrmsr(self, cpu: Cpu, rip: int) -> None:
        low, number = (cpu.uc.reg_read(REGISTERS[GENERAL.index(name)]) & 0xFFFFFFFF for name in ("rax", "rcx"))
        if number == 0x80B:
            cpu.in_service.pop()
        else:
            assert number == 0x830
            assert low >> 18 & 3 == 3, "to all but itself"
            for other in self.cpus:
                if other is not cpu and low >> 8 & 7 == 4:
                    other.nmi = True
                elif other is not cpu:
                    other.pending.add(low & 0xFF)
        cpu.uc.reg_write(x86.UC_X86_REG_RIP, rip + 2)

    def _cpuid(self, cpu: Cpu, rip: int) -> None:
        assert cpu.uc.reg_read(x86.UC_X86_REG_EAX) == 0
        name = b"KgraftSimCPU"
        words = (7, *(int.from_bytes(name[at : at + 4], "little") for at in (0, 8, 4)))
        for register, word in zip(("rax", "rbx", "rcx", "rdx"), words, strict=True):
            cpu.uc.reg_write(REGISTERS[GENERAL.index(register)], word)
        cpu.uc.reg_write(x86.UC_X86_REG_RIP, rip + 2)


def _size(region: Region) -> int:
    return -(-(region.end - region.start) // PAGE) * PAGE
