"""A vCPU at random, then one of its choices at random."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from simulator.explore.schedulers.base import by_cpu
from simulator.machine.choice import Choice
from simulator.machine.state import State


class Uniform:
    """Uniform over vCPUs first, so that one with many choices does not crowd out the others."""

    def __init__(self, seed: int, cpus: int) -> None:
        self._random = Random(seed)

    def choose(self, step: int, enabled: Sequence[Choice], state: State) -> Choice:
        """Take one of the enabled choices."""
        groups = by_cpu(enabled)
        cpu = self._random.choice(sorted(groups))
        return self._random.choice(groups[cpu])
