"""Who steps next in one execution: a scheduler picks one of the enabled choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from simulator.errors import ScenarioError
from simulator.explore.properties import Watch
from simulator.explore.schedulers.base import Scheduler
from simulator.explore.schedulers.pct import Pct
from simulator.explore.schedulers.round_robin import RoundRobin
from simulator.explore.schedulers.uniform import Uniform
from simulator.explore.schedulers.weighted import Weighted

SCHEDULERS: Mapping[str, Callable[[int, int, Watch | None], Scheduler]] = MappingProxyType(
    {
        "random": lambda seed, cpus, watch: Uniform(seed, cpus),
        "round-robin": lambda seed, cpus, watch: RoundRobin(seed, cpus),
        "pct": lambda seed, cpus, watch: Pct(seed, cpus),
        "weighted": lambda seed, cpus, watch: Weighted(seed, watch),
    }
)
"""By name; each takes a seed, the number of vCPUs, and what is watched."""


def scheduler(name: str, seed: int, cpus: int, watch: Watch | None = None) -> Scheduler:
    """Return a scheduler by name; ``weighted`` needs to know what is watched. Raises ScenarioError."""
    if name not in SCHEDULERS:
        raise ScenarioError(f"no scheduler {name!r}; choose one of: {', '.join(SCHEDULERS)}")
    return SCHEDULERS[name](seed, cpus, watch)


__all__ = ["SCHEDULERS", "Scheduler", "scheduler"]
