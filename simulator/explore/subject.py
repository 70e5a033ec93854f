"""What is explored: a machine, the state it starts in, what is watched, and what must have been exercised."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.explore.properties import Watch
from simulator.machine.machine import Machine
from simulator.machine.state import State


@dataclass(frozen=True, slots=True)
class Demand:
    """Something that must happen in some schedule, or "safe" would mean nothing.

    Met when an instruction in ``[start, end)`` is executed by anyone.
    """

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything an exploration needs. Immutable but for the machine's caches."""

    machine: Machine
    initial: State
    watch: Watch
    demands: tuple[Demand, ...] = ()
    interchangeable: tuple[int, ...] = ()
    """vCPUs that run the same code and differ only by their number."""
