"""Who steps next in one execution: a scheduler picks one of the enabled choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from simulator.errors import ScenarioError
from simulator.explore.schedulers.base import Scheduler
from simulator.explore.schedulers.pct import Pct
from simulator.explore.schedulers.round_robin import RoundRobin
from simulator.explore.schedulers.uniform import Uniform

SCHEDULERS: Mapping[str, Callable[[int, int], Scheduler]] = MappingProxyType(
    {"random": Uniform, "round-robin": RoundRobin, "pct": Pct}
)


def scheduler(name: str, seed: int, cpus: int) -> Scheduler:
    """Return a scheduler by name. Raises ScenarioError when there is none."""
    if name not in SCHEDULERS:
        raise ScenarioError(f"no scheduler {name!r}; choose one of: {', '.join(SCHEDULERS)}")
    return SCHEDULERS[name](seed, cpus)


__all__ = ["SCHEDULERS", "Scheduler", "scheduler"]
