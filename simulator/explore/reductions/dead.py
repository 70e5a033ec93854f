"""What a CPU will never look at again, left out of its state so that equal futures are equal states.

A CPU with interrupts off that runs nothing but local steps up to an IRET does not fetch mutable text on the
way, and the IRET empties its fetch state and overwrites its flags. Whatever it could still have fetched, and
flags that nobody reads on the way, are dead. That holds only as long as no NMI can come in between: the first
NMI anybody sends raises ``Interruptible``, and the caller starts again without this reduction.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulator.machine.machine import Machine
from simulator.machine.vcpu import FLUSHED, VCpu

STATUS_FLAGS = 0x8D5
"""CF, PF, AF, ZF, SF, OF."""


class Interruptible(Exception):
    """An NMI was sent, so no stretch of code is safe from interruption."""


def is_shielded(machine: Machine, vcpu: VCpu) -> bool:
    """Say whether nothing but an NMI could interrupt the vCPU here, and no NMI is on its way."""
    rules = machine.config.rules
    if not (rules.interrupt_flag and rules.iret_flush):
        return False  # on a machine with such a rule switched off, nothing is as it should be
    return not (vcpu.interrupts_on or vcpu.nmi_pending or vcpu.nmi_budget or vcpu.fetch.partial)


def ends_in_iret(machine: Machine, boundaries: Sequence[VCpu]) -> tuple[bool, bool]:
    """Return whether a stretch of local steps stands before an IRET, and whether its flags are never read."""
    instructions = [machine.instruction(vcpu.rip) for vcpu in boundaries]
    last = instructions[-1]
    if last is None or last.mnemonic != "iretq" or not all(is_shielded(machine, vcpu) for vcpu in boundaries):
        return False, False
    return True, all(each is not None and "rflags" not in each.registers_read for each in instructions[:-1])


def without_dead(vcpu: VCpu, *, flags: bool) -> VCpu:
    """Return the vCPU without its fetch state and, if ``flags``, without its status flags."""
    return vcpu._replace(fetch=FLUSHED, rflags=vcpu.rflags & ~STATUS_FLAGS if flags else vcpu.rflags)
