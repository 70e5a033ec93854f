"""The state of the whole machine: shared memory and the vCPUs. Nothing else exists."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.machine.memory import Cells
from simulator.machine.vcpu import VCpu


@dataclass(frozen=True, slots=True)
class State:
    """An immutable value: hashable, comparable, picklable; equal states have equal futures."""

    memory: Cells
    vcpus: tuple[VCpu, ...]
