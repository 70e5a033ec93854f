"""What a vCPU must do in the long run, as bits: the actions that fairness is about (``explore/fairness/check.py``)."""

from __future__ import annotations

from typing import NamedTuple

from simulator.machine.choice import Choice, Kind
from simulator.machine.machine import Machine
from simulator.machine.vcpu import VCpu

RUNS = (Kind.EXECUTE, Kind.FETCH)
_DELIVERS = (Kind.INTERRUPT, Kind.NMI)


class Action(NamedTuple):
    """Something a vCPU does in the long run: execute, commit, or take the interrupt of a vector."""

    cpu: int
    kind: Kind
    vector: int = 0


class Actions:
    """Numbers the actions that occur, as bits."""

    def __init__(self, *, prompt: bool) -> None:
        self._prompt, self._bits = prompt, dict[Action, int]()

    def bit(self, cpu: int, kind: Kind, vector: int = 0) -> int:
        return self._bits.setdefault(Action(cpu, kind, vector), 1 << len(self._bits))

    def waiting(self, machine: Machine, vcpu: VCpu) -> int:
        """Return the interrupts that could be delivered here."""
        if not (vcpu.requested or vcpu.nmi_pending):
            return 0
        found = (each for each in machine.deliverable(vcpu) if each[0] in _DELIVERS)
        return sum(self.bit(vcpu.number, kind, vector) for kind, vector in found)

    def taken(self, machine: Machine, vcpu: VCpu, choice: Choice) -> int:
        """Return the action that a choice takes, made where ``vcpu`` stands; 0 for what need never happen."""
        if choice.kind in RUNS:
            return self.bit(choice.cpu, Kind.EXECUTE)
        if choice.kind is Kind.COMMIT:
            return self.bit(choice.cpu, Kind.COMMIT)
        vectors = (vector for kind, vector in machine.deliverable(vcpu) if kind is choice.kind in _DELIVERS)
        return sum(self.bit(choice.cpu, choice.kind, vector) for vector in vectors)

    @property
    def deliveries(self) -> int:
        return sum(bit for action, bit in self._bits.items() if action.kind in _DELIVERS)

    @property
    def weak(self) -> int:
        return sum(self._bits.values()) - self.strong

    @property
    def strong(self) -> int:
        return self.deliveries if self._prompt else 0
