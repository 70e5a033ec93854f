"""A machine that remembers the moves of each (vCPU, memory) pair it has met.

The moves of a vCPU depend on nothing else, so remembering them changes no behaviour: random schedules of one
guest pass through the same pairs again and again, and so do the candidates of a schedule that is being shrunk.
"""

from __future__ import annotations

from dataclasses import replace

from simulator.explore.subject import Subject
from simulator.machine.machine import Machine, Move
from simulator.machine.memory import Cells
from simulator.machine.vcpu import VCpu

MOST = 200_000
"""Pairs remembered before all are forgotten: a few hundred MiB."""


class Remembering(Machine):
    """``Machine`` with a memory of its moves."""

    def __init__(self, machine: Machine) -> None:
        vars(self).update(vars(machine))  # the same machine, with the caches it has
        self._known: dict[tuple[VCpu, Cells], tuple[Move, ...]] = {}

    def moves(self, vcpu: VCpu, memory: Cells) -> tuple[Move, ...]:
        """Return every transition of one vCPU; computed once."""
        key = (vcpu, memory)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST:
                self._known.clear()
            found = self._known[key] = super().moves(vcpu, memory)
        return found


def remembering(subject: Subject) -> Subject:
    """Return the same subject on a machine that remembers."""
    return replace(subject, machine=Remembering(subject.machine))
