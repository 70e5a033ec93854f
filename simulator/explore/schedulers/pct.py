"""PCT: random priorities, and a few random steps at which the running vCPU loses its own.

Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding
Bugs" (ASPLOS 2010): a bug that needs ``depth`` ordering constraints among ``steps`` steps of ``cpus`` CPUs is
met with probability at least 1 / (cpus * steps ** (depth - 1)).
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from simulator.explore.schedulers.base import by_cpu
from simulator.machine.choice import Choice
from simulator.machine.state import State

DEPTH = 3
STEPS = 400
"""Steps among which the priority changes are spread: about a patch of one site."""


class Pct:
    """Runs the vCPU of highest priority; that vCPU's own choices are uniform."""

    def __init__(self, seed: int, cpus: int) -> None:
        self._random = Random(seed)
        order = list(range(cpus))
        self._random.shuffle(order)
        self._priority = {cpu: DEPTH + rank for rank, cpu in enumerate(order)}
        self._changes = {self._random.randrange(STEPS): rank for rank in range(1, DEPTH)}

    def choose(self, step: int, enabled: Sequence[Choice], state: State) -> Choice:
        """Take a choice of the vCPU with the highest priority; every so often a spinning CPU yields."""
        groups = by_cpu(enabled)
        cpu = max(groups, key=lambda each: self._priority[each])
        lowered = self._changes.get(step % STEPS)
        if lowered is not None:
            self._priority[cpu] = lowered - DEPTH * (1 + step // STEPS)
        return self._random.choice(groups[cpu])
