"""Verdicts: what an exploration found, with the bounds it holds for. A bug is a value, never an exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from simulator.explore.properties import Finding
from simulator.machine.choice import Choice


class Outcome(Enum):
    """What can be answered."""

    SAFE = "safe"
    VIOLATION = "violation"
    VACUOUS = "vacuous"
    """No violation, but something that had to be exercised never was."""
    INCOMPLETE = "incomplete"
    """A limit or Ctrl-C stopped the search."""
    UNPROVEN = "not-proven"
    """Nothing wrong with the numbers of CPUs that were tried, and no proof for the others."""
    RAN = "ran"
    """One schedule ran without a violation; nothing is claimed about others."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much was explored."""

    states: int
    transitions: int
    depth: int
    seconds: float
    unicorn_steps: int
    done_states: int = 0
    frontier: int = 0
    """States found and not yet expanded; 0 is the proof of exhaustiveness."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a verdict holds for."""

    cpus: int | None
    """vCPUs besides the patchers; None: any number."""
    patchers: int
    profile: str
    data_model: str
    properties: tuple[str, ...]
    reductions: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one check."""

    outcome: Outcome
    bounds: Bounds
    statistics: Statistics
    finding: Finding | None = None
    schedule: tuple[Choice, ...] = ()
    """The choices that lead to the finding, from the first state."""
    unmet: tuple[str, ...] = ()
    """Demands that no schedule met."""
    stopped_by: str = ""
    """The limit that stopped an incomplete search."""
    all_findings: tuple[tuple[str, str], ...] = ()
    """(property, kind) of every violation met, when all were collected."""
    loop: int = 0
    """How many of the last choices can be taken again and again for ever; 0: the schedule is a plain path."""

    @property
    def label(self) -> str:
        """Return the verdict as scenarios write it: ``safe`` or ``violation:integrity``."""
        if self.outcome is Outcome.VIOLATION and self.finding is not None:
            return f"violation:{self.finding.property}"
        return self.outcome.value
