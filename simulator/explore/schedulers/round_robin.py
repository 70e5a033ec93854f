"""Every vCPU in turn, one transition each, with stores and interrupts as early as can be."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.explore.schedulers.base import by_cpu, usual
from simulator.machine.choice import Choice
from simulator.machine.state import State


class RoundRobin:
    """The seed is the vCPU that goes first."""

    def __init__(self, seed: int, cpus: int) -> None:
        self._next, self._cpus = seed % cpus, cpus

    def choose(self, step: int, enabled: Sequence[Choice], state: State) -> Choice:
        """Take the usual choice of the next vCPU that has one."""
        groups = by_cpu(enabled)
        cpu = next(
            candidate % self._cpus
            for candidate in range(self._next, self._next + self._cpus)
            if candidate % self._cpus in groups
        )
        self._next = (cpu + 1) % self._cpus
        return usual(groups[cpu])
