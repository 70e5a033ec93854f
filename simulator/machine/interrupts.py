"""Delivery through the guest's IDT, and the local APIC: who may interrupt a vCPU, and what that does.

Sources: Intel SDM vol. 3A 6.12 to 6.14 (64-bit delivery, IST, frames), 6.7.1 (NMI blocking), 10.8 and 10.12
(local APIC, x2APIC registers).
"""

from __future__ import annotations

from typing import NamedTuple

from simulator.machine.bus import MASK, Bus
from simulator.machine.engine import PageFault
from simulator.machine.events import NMI_VECTOR, Delivered, Shutdown
from simulator.machine.rules import Rules
from simulator.machine.vcpu import IF, RSP, VCpu, live_private, stack_of

CODE_SELECTOR = 0x10
DATA_SELECTOR = 0x18
DOUBLE_FAULT = 8
BREAKPOINT = 3
INTERRUPT_GATE, TRAP_GATE = 0xE, 0xF
TIMER_VECTOR = 0xEC
_TSS_IST1 = 0x24
_WITH_ERROR_CODE = frozenset({8, 10, 11, 12, 13, 14, 17, 21, 29, 30})


class Post(NamedTuple):
    """An inter-processor interrupt on its way: NMI_VECTOR for an NMI, else a fixed vector."""

    targets: tuple[int, ...]
    vector: int


def request(vcpu: VCpu, vector: int) -> VCpu:
    """Return the vCPU with an interrupt waiting in its local APIC."""
    if vector == NMI_VECTOR:
        return vcpu._replace(nmi_pending=True)
    return vcpu._replace(requested=tuple(sorted({*vcpu.requested, vector})))


def deliverable(vcpu: VCpu, rules: Rules) -> int | None:
    """Return the maskable vector that may be delivered here, or None."""
    if not vcpu.requested or (rules.interrupt_flag and not vcpu.interrupts_on):
        return None
    vector = vcpu.requested[-1]
    if rules.interrupt_priority and vcpu.in_service and vector >> 4 <= vcpu.in_service[-1] >> 4:
        return None
    return vector


def timer_may_fire(vcpu: VCpu, rules: Rules) -> bool:
    """Say whether an armed timer could interrupt here; firing while masked equals firing later."""
    if not vcpu.timer_armed:
        return False
    return deliverable(request(vcpu, TIMER_VECTOR), rules) == TIMER_VECTOR


def accept(vcpu: VCpu, vector: int) -> VCpu:
    """Return the vCPU with a waiting interrupt taken over: in service, or NMIs blocked."""
    if vector == NMI_VECTOR:
        return vcpu._replace(nmi_pending=False, nmi_blocked=True)
    requested = tuple(waiting for waiting in vcpu.requested if waiting != vector)
    return vcpu._replace(requested=requested, in_service=tuple(sorted((*vcpu.in_service, vector))))


def end_of_interrupt(vcpu: VCpu) -> VCpu:
    """Return the vCPU after EOI: the highest vector in service is done."""
    return vcpu._replace(in_service=vcpu.in_service[:-1])


def deliver(vcpu: VCpu, bus: Bus, vector: int, saved: int, rules: Rules, *, error: int = 0) -> VCpu:
    """Push the frame, switch stacks where the gate says so, and go to the handler.

    ``saved`` is the RIP that the frame holds. A gate or stack that cannot be used leads to #DF, and from there
    to a triple fault, as on hardware.
    """
    bus.visible = True
    problem = ""
    for attempt in (vector, DOUBLE_FAULT):
        try:
            return _through_gate(vcpu, bus, attempt, saved, rules, error if attempt == vector else 0)
        except _GateError as reason:
            problem = str(reason)
        except PageFault as fault:
            problem = f"vector {attempt}: frame at {fault.address:#x}: {fault.reason}"
        if attempt == DOUBLE_FAULT:
            break
    bus.events.append(Shutdown(vcpu.number, problem))
    return vcpu._replace(shutdown=True)


class _GateError(Exception):
    """An IDT gate that cannot be used."""


def _through_gate(vcpu: VCpu, bus: Bus, vector: int, saved: int, rules: Rules, error: int) -> VCpu:
    offset = 16 * vector
    if offset + 15 > vcpu.system.idt_limit:
        raise _GateError(f"vector {vector} is beyond the IDT limit")
    gate = int.from_bytes(bus.load(vcpu.system.idt_base + offset, 16), "little")
    kind, present, ist = gate >> 40 & 0xF, gate >> 47 & 1, gate >> 32 & 7
    if not present or kind not in (INTERRUPT_GATE, TRAP_GATE):
        raise _GateError(f"vector {vector} has no gate in the IDT")
    handler = gate & 0xFFFF | (gate >> 48 & 0xFFFF) << 16 | (gate >> 64 & 0xFFFFFFFF) << 32
    rsp = vcpu.general[RSP]
    suspended = dict(vcpu.suspended)
    if ist and rules.ist_switch:
        top = int.from_bytes(bus.load(vcpu.system.tss_base + _TSS_IST1 + 8 * (ist - 1), 8), "little")
        left = stack_of(vcpu.layout, rsp)
        if left is not None and left != stack_of(vcpu.layout, top):
            suspended[left] = rsp
    else:
        top = rsp
    frame = [DATA_SELECTOR, rsp, vcpu.rflags, CODE_SELECTOR, saved]
    if vector in _WITH_ERROR_CODE:
        frame.append(error)
    new_rsp = _push(bus, top & ~0xF, frame)
    rflags = vcpu.rflags
    if kind == INTERRUPT_GATE and rules.gate_clears_flag:
        rflags &= ~IF
    bus.events.append(Delivered(vcpu.number, vector, saved, handler))
    fetch = vcpu.fetch._replace(partial=b"") if rules.drop_partial else vcpu.fetch
    general = (*vcpu.general[:RSP], new_rsp, *vcpu.general[RSP + 1 :])
    left_behind = tuple(sorted(suspended.items()))
    return vcpu._replace(
        general=general, rip=handler, rflags=rflags, halted=False, shadow=False, fetch=fetch, suspended=left_behind,
        private=live_private(vcpu.layout, bus.private, left_behind, new_rsp), stores=bus.stores,
    )  # fmt: skip


def _push(bus: Bus, rsp: int, words: list[int]) -> int:
    low = rsp - 8 * len(words) & MASK
    bus.check_store(low, 8 * len(words))
    for word in words:
        rsp -= 8
        bus.store(rsp & MASK, (word & MASK).to_bytes(8, "little"))
    return rsp & MASK
