"""The one method that a scheduler has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from simulator.machine.choice import Choice, Kind
from simulator.machine.state import State


class Scheduler(Protocol):
    """Picks what happens next. Deterministic for its seed."""

    def choose(self, step: int, enabled: Sequence[Choice], state: State) -> Choice:
        """Return one of ``enabled``, which is never empty, for ``state``; ``step`` counts from 0."""
        ...


def by_cpu(enabled: Sequence[Choice]) -> dict[int, list[Choice]]:
    """Return the enabled choices of each vCPU that has some."""
    groups: dict[int, list[Choice]] = {}
    for choice in enabled:
        groups.setdefault(choice.cpu, []).append(choice)
    return groups


def usual(choices: Sequence[Choice]) -> Choice:
    """Return what a quiet machine does next: take interrupts, then make stores visible, then execute."""
    order = (Kind.NMI, Kind.INTERRUPT, Kind.COMMIT, Kind.EXECUTE, Kind.FETCH)
    for kind in order:
        for choice in choices:
            if choice.kind is kind:
                return choice
    return choices[0]
