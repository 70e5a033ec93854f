"""System instructions: what Unicorn cannot answer because it is about the machine and not about one instruction.

IRET, HLT, interrupt flags, descriptor tables, MSRs with the x2APIC, CPUID, time. Everything a host would answer
differently from day to day (RDTSC, RDRAND, CPUID) is virtual and deterministic.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import NamedTuple

from simulator.machine.bus import MASK, Bus
from simulator.machine.events import NMI_VECTOR, Posted, Returned
from simulator.machine.interrupts import CODE_SELECTOR, DATA_SELECTOR, TIMER_VECTOR, Post, end_of_interrupt, request
from simulator.machine.rules import Rules
from simulator.machine.vcpu import FLUSHED, IF, RSP, VCpu
from simulator.x86.decode import Instruction
from simulator.x86.registers import (
    APIC_BASE,
    EFER,
    FS_BASE,
    GENERAL,
    GS_BASE,
    KERNEL_GS_BASE,
    X2APIC_APICID,
    X2APIC_EOI,
    X2APIC_ICR,
    X2APIC_LVT_TIMER,
    X2APIC_TIMER_DIVIDE,
    X2APIC_TIMER_INITIAL_COUNT,
    is_x2apic,
)

RAX, RCX, RDX = 0, 1, 2
GENERAL_PROTECTION, INVALID_OPCODE = 13, 6
_POPF_FLAGS = 0xCD5 | IF | 1 << 21
"""What POPF and IRET may change here: single-stepping (TF) and the rest are not modelled."""
_PAT, _X2APIC_SPURIOUS = 0x277, 0x80F
_TSC_STEP = 1000
_RANDOM = 0x9E3779B97F4A7C15


class Trap(Exception):
    """An exception raised by an instruction: its vector and, for the trace, the reason."""

    def __init__(self, vector: int, reason: str) -> None:
        super().__init__(reason)
        self.vector, self.reason = vector, reason


class Step(NamedTuple):
    """What a system instruction works on."""

    vcpu: VCpu
    """With RIP behind the instruction already."""
    instruction: Instruction
    bus: Bus
    rules: Rules
    cpus: int
    posts: list[Post]


Handler = Callable[[Step], VCpu]


def set_general(vcpu: VCpu, **values: int) -> VCpu:
    """Return the vCPU with general registers set by name."""
    general = list(vcpu.general)
    for name, value in values.items():
        general[GENERAL.index(name)] = value & MASK
    return vcpu._replace(general=tuple(general))


def flush(step: Step, vcpu: VCpu, *, on: bool) -> VCpu:
    """Return the vCPU with nothing fetched, and record it."""
    if not on:
        return vcpu
    step.bus.flushed()
    return vcpu._replace(fetch=FLUSHED)


def _serialized(step: Step) -> VCpu:
    return flush(step, step.vcpu, on=step.rules.serialize_flush)


def _iretq(step: Step) -> VCpu:
    vcpu, bus = step.vcpu, step.bus
    rsp = vcpu.general[RSP]
    frame = bus.load(rsp, 40)
    rip, code, rflags, new_rsp, stack = (int.from_bytes(frame[i : i + 8], "little") for i in range(0, 40, 8))
    if code & 0xFFFF != CODE_SELECTOR or stack & 0xFFFF not in (0, DATA_SELECTOR):
        raise Trap(GENERAL_PROTECTION, f"IRET to selectors {code:#x}, {stack:#x}")
    bus.note_load(rsp, 40)
    bus.events.append(Returned(vcpu.number, rip))
    vcpu = set_general(vcpu, rsp=new_rsp)
    blocked = vcpu.nmi_blocked and not step.rules.iret_unblocks_nmi
    vcpu = vcpu._replace(rip=rip, rflags=rflags & _POPF_FLAGS | 2, nmi_blocked=blocked)
    return flush(step, vcpu, on=step.rules.iret_flush)


def _far_return(step: Step) -> VCpu:
    rsp = step.vcpu.general[RSP]
    rip, code = (int.from_bytes(step.bus.load(rsp + 8 * i, 8), "little") for i in range(2))
    if code & 0xFFFF != CODE_SELECTOR:
        raise Trap(GENERAL_PROTECTION, f"far return to selector {code:#x}")
    step.bus.note_load(rsp, 16)
    return set_general(step.vcpu, rsp=rsp + 16)._replace(rip=rip)


def _halt(step: Step) -> VCpu:
    step.bus.visible = True
    return step.vcpu._replace(halted=True)


def _cli(step: Step) -> VCpu:
    return step.vcpu._replace(rflags=step.vcpu.rflags & ~IF)


def _sti(step: Step) -> VCpu:
    was_off = not step.vcpu.rflags & IF
    return step.vcpu._replace(rflags=step.vcpu.rflags | IF, shadow=was_off)


def _popfq(step: Step) -> VCpu:
    rsp = step.vcpu.general[RSP]
    step.bus.note_load(rsp, 8)
    flags = int.from_bytes(step.bus.load(rsp, 8), "little")
    return set_general(step.vcpu, rsp=rsp + 8)._replace(rflags=flags & _POPF_FLAGS | 2)


def _wrmsr(step: Step) -> VCpu:
    general = step.vcpu.general
    number, value = general[RCX] & 0xFFFFFFFF, (general[RDX] & 0xFFFFFFFF) << 32 | general[RAX] & 0xFFFFFFFF
    if number == X2APIC_ICR:
        return _send(step, value)
    if number == X2APIC_EOI:
        return end_of_interrupt(step.vcpu)
    if number == X2APIC_TIMER_INITIAL_COUNT:
        return step.vcpu._replace(timer_armed=bool(value & 0xFFFFFFFF))
    if number == X2APIC_LVT_TIMER and value & 0xFF == TIMER_VECTOR:
        return step.vcpu
    if number in (_X2APIC_SPURIOUS, X2APIC_TIMER_DIVIDE):
        return step.vcpu
    bases = {GS_BASE: "gs_base", KERNEL_GS_BASE: "kernel_gs_base", FS_BASE: "fs_base"}
    if number in bases:
        system = step.vcpu.system._replace(**{bases[number]: value})
        return flush(step, step.vcpu._replace(system=system), on=step.rules.serialize_flush)
    if number in (APIC_BASE, EFER, _PAT):
        return _serialized(step)
    raise Trap(GENERAL_PROTECTION, f"WRMSR {number:#x} is not modelled")


def _send(step: Step, value: int) -> VCpu:
    """Write the x2APIC ICR: delivery mode in bits 8 to 10, shorthand in 18 and 19, destination in 32 to 63."""
    own, destination = step.vcpu.number, value >> 32
    everyone = tuple(range(step.cpus))
    shorthand = value >> 18 & 3
    if shorthand == 0:
        targets = everyone if destination == 0xFFFFFFFF else tuple(cpu for cpu in everyone if cpu == destination)
        step.bus.identified("sent an IPI to one CPU by its number")
    else:
        targets = ((), (own,), everyone, tuple(cpu for cpu in everyone if cpu != own))[shorthand]
    mode = value >> 8 & 7
    if mode not in (0, 4):
        raise Trap(GENERAL_PROTECTION, f"IPI delivery mode {mode} is not modelled")
    vector = NMI_VECTOR if mode == 4 else value & 0xFF
    if vector < 16 and vector != NMI_VECTOR:
        raise Trap(GENERAL_PROTECTION, f"IPI with illegal vector {vector}")
    step.bus.visible = True
    step.bus.events.append(Posted(own, targets, vector))
    others = tuple(cpu for cpu in targets if cpu != own)
    if others:
        step.posts.append(Post(others, vector))
    return request(step.vcpu, vector) if own in targets else step.vcpu


def _rdmsr(step: Step) -> VCpu:
    number, system = step.vcpu.general[RCX] & 0xFFFFFFFF, step.vcpu.system
    if number == X2APIC_APICID:
        step.bus.identified("read its APIC id")
    values = {
        X2APIC_APICID: step.vcpu.number, GS_BASE: system.gs_base, KERNEL_GS_BASE: system.kernel_gs_base,
        FS_BASE: system.fs_base, APIC_BASE: 0xFEE00D00, EFER: 0xD01, _PAT: 0x0007040600070406,
    }  # fmt: skip
    if number not in values:
        raise Trap(GENERAL_PROTECTION, f"RDMSR {number:#x} is not modelled")
    return set_general(step.vcpu, rax=values[number] & 0xFFFFFFFF, rdx=values[number] >> 32)


def _cpuid(step: Step) -> VCpu:
    leaf = step.vcpu.general[RAX] & 0xFFFFFFFF
    vendor = [int.from_bytes(b"KgraftSimCPU"[i : i + 4], "little") for i in (0, 4, 8)]
    eax, ebx, ecx, edx = {
        0: (7, vendor[0], vendor[2], vendor[1]),
        1: (0x00A00F11, 0, 1 << 21, 1 << 4 | 1 << 5 | 1 << 9),  # x2APIC; TSC, MSR, APIC
        7: (0, 0, 0, 1 << 14),  # SERIALIZE
    }.get(leaf, (0, 0, 0, 0))
    return flush(step, set_general(step.vcpu, rax=eax, rbx=ebx, rcx=ecx, rdx=edx), on=step.rules.serialize_flush)


def _rdtsc(step: Step) -> VCpu:
    tsc = step.vcpu.tsc + _TSC_STEP
    vcpu = set_general(step.vcpu._replace(tsc=tsc), rax=tsc & 0xFFFFFFFF, rdx=tsc >> 32)
    if step.instruction.mnemonic == "rdtscp":
        step.bus.identified("read its number by RDTSCP")
        vcpu = set_general(vcpu, rcx=vcpu.number)
    return vcpu


def _random(step: Step) -> VCpu:
    name = step.instruction.operands
    if name not in GENERAL:
        raise Trap(INVALID_OPCODE, "RDRAND and RDSEED are modelled for 64-bit registers only")
    vcpu = set_general(step.vcpu, **{name: _RANDOM})
    return vcpu._replace(rflags=vcpu.rflags & ~0x8D5 | 1)


def _table(field: str) -> Handler:
    def load(step: Step) -> VCpu:
        address = effective_address(step)
        data = step.bus.load(address, 10)
        step.bus.note_load(address, 10)
        limit, base = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:], "little")
        system = step.vcpu.system._replace(**{f"{field}_limit": limit, f"{field}_base": base})
        return flush(step, step.vcpu._replace(system=system), on=step.rules.serialize_flush)

    return load


def _ltr(step: Step) -> VCpu:
    name = step.instruction.operands
    selector = _word_register(step.vcpu, name) if not step.instruction.memory else int.from_bytes(
        step.bus.load(effective_address(step), 2), "little"
    )  # fmt: skip
    descriptor = step.bus.load(step.vcpu.system.gdt_base + (selector & ~7), 16)
    low, high = int.from_bytes(descriptor[:8], "little"), int.from_bytes(descriptor[8:12], "little")
    if low >> 40 & 0xF not in (9, 11) or not low >> 47 & 1:
        raise Trap(GENERAL_PROTECTION, f"LTR {selector:#x}: no TSS descriptor in the GDT")
    base = low >> 16 & 0xFFFFFF | (low >> 56 & 0xFF) << 24 | high << 32
    system = step.vcpu.system._replace(tss_base=base)
    return flush(step, step.vcpu._replace(system=system), on=step.rules.serialize_flush)


def _word_register(vcpu: VCpu, name: str) -> int:
    for index, wide in enumerate(GENERAL):
        if name in (wide, wide[1:], "e" + wide[1:], wide + "w", wide + "d"):
            return vcpu.general[index] & 0xFFFF
    raise Trap(INVALID_OPCODE, f"operand {name}")


def _swapgs(step: Step) -> VCpu:
    system = step.vcpu.system
    swapped = system._replace(gs_base=system.kernel_gs_base, kernel_gs_base=system.gs_base)
    return step.vcpu._replace(system=swapped)


def _clac_stac(step: Step) -> VCpu:
    return step.vcpu  # there is no user memory to protect


def _not_modelled(vector: int, what: str) -> Handler:
    def refuse(step: Step) -> VCpu:
        raise Trap(vector, f"{step.instruction.mnemonic}: {what}")

    return refuse


def effective_address(step: Step) -> int:
    """Return the address of the instruction's memory operand."""
    vcpu = step.vcpu
    operand = step.instruction.memory[0]
    base = {"gs": vcpu.system.gs_base, "fs": vcpu.system.fs_base}.get(operand.segment or "", 0)
    return operand.address(dict(zip(GENERAL, vcpu.general, strict=True)), base)


def move_special(step: Step) -> VCpu | None:
    """Do MOV to or from a control, debug or segment register; None when the instruction is not one."""
    code = step.instruction.code.lstrip(b"\x66\xf2\xf3")
    rex = code[0] if 0x40 <= code[0] < 0x50 else 0
    opcode = code[1:] if rex else code
    if opcode[0] in (0x8C, 0x8E) and opcode[1] >= 0xC0:
        return _move_segment(step, opcode[0] == 0x8E, opcode[1] >> 3 & 7, opcode[1] & 7 | (rex & 1) << 3)
    if opcode[0] == 0x0F and opcode[1] in (0x20, 0x21, 0x22, 0x23):
        number = opcode[2] >> 3 & 7 | (rex >> 2 & 1) << 3
        return _move_control(step, opcode[1], number, opcode[2] & 7 | (rex & 1) << 3)
    return None


def _move_segment(step: Step, load: bool, segment: int, register: int) -> VCpu:
    if not load:
        value = CODE_SELECTOR if segment == 1 else DATA_SELECTOR if segment == 2 else 0
        return set_general(step.vcpu, **{GENERAL[register]: value})
    base = {4: "fs_base", 5: "gs_base"}.get(segment)
    if base is None:
        return step.vcpu
    return step.vcpu._replace(system=step.vcpu.system._replace(**{base: 0}))


def _move_control(step: Step, opcode: int, number: int, register: int) -> VCpu:
    control = {0: "cr0", 2: "cr2", 3: "cr3", 4: "cr4"}.get(number) if opcode in (0x20, 0x22) else None
    if opcode in (0x20, 0x21):
        value = getattr(step.vcpu.system, control) if control else 0
        return set_general(step.vcpu, **{GENERAL[register]: value})
    vcpu = step.vcpu
    if control:
        vcpu = vcpu._replace(system=vcpu.system._replace(**{control: vcpu.general[register]}))
    if opcode == 0x22 and number == 8:
        raise Trap(GENERAL_PROTECTION, "CR8 is not modelled; use the x2APIC")
    return flush(step, vcpu, on=step.rules.serialize_flush)


_PORTS = _not_modelled(GENERAL_PROTECTION, "port I/O is not modelled")
_MODES = _not_modelled(INVALID_OPCODE, "changes of privilege or mode are not modelled")

HANDLERS = MappingProxyType({
    "iretq": _iretq, "retfq": _far_return, "hlt": _halt, "cli": _cli, "sti": _sti, "popfq": _popfq,
    "wrmsr": _wrmsr, "rdmsr": _rdmsr, "cpuid": _cpuid, "rdtsc": _rdtsc, "rdtscp": _rdtsc, "rdrand": _random,
    "rdseed": _random, "serialize": _serialized, "lidt": _table("idt"), "lgdt": _table("gdt"), "ltr": _ltr,
    "invlpg": _serialized, "wbinvd": _serialized, "invd": _serialized, "swapgs": _swapgs,
    "clac": _clac_stac, "stac": _clac_stac, "in": _PORTS, "out": _PORTS, "insb": _PORTS, "outsb": _PORTS,
    "syscall": _MODES, "sysret": _MODES, "sysretq": _MODES, "sysenter": _MODES, "sysexit": _MODES, "iret": _MODES,
    "iretd": _MODES, "retf": _MODES, "popf": _MODES, "vmcall": _MODES, "eretu": _MODES, "erets": _MODES,
})  # fmt: skip
"""Mnemonic to what the machine does for it."""

DRAINING = frozenset({"mfence"})
"""Instructions that wait for the store buffer besides the serializing and the LOCKed ones."""


def waits_for_stores(instruction: Instruction, vcpu: VCpu) -> bool:
    """Say whether the instruction serializes or fences, and so waits for the store buffer."""
    if instruction.mnemonic == "wrmsr":
        return not is_x2apic(vcpu.general[RCX] & 0xFFFFFFFF)  # x2APIC writes pass older stores (SDM 3A 10.12.3)
    return bool(instruction.serializing) or instruction.mnemonic in DRAINING
