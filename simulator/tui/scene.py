"""A snapshot of where a session stands: all that the views need, and nothing they could change."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.explore.properties import Finding, Watch
from simulator.explore.simulate import TraceStep
from simulator.machine.choice import Choice
from simulator.machine.machine import Machine
from simulator.machine.state import State
from simulator.report.options import Option
from simulator.report.words import Narrator
from simulator.tui.journal import Journal

ANY = None
"""Who is followed: any CPU."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One position in a history, and who is looked at there."""

    name: str
    narrator: Narrator
    journal: Journal
    state: State
    position: int
    """Steps that are in the past."""
    steps: tuple[TraceStep, ...]
    """Every step that is known, those ahead included."""
    scheduled: int
    """Where the schedule that was given ends."""
    done: bool
    findings: tuple[Finding, ...]
    """Those of the last step."""
    options: tuple[Option, ...]
    ahead: Choice | None
    """What the schedule does next, where that is known."""
    followed: int | None = ANY
    selected: int = 0
    """Of the options."""

    @property
    def machine(self) -> Machine:
        """The machine that runs."""
        return self.narrator.built.subject.machine

    @property
    def watch(self) -> Watch:
        """What the properties look at."""
        return self.narrator.built.subject.watch

    @property
    def last(self) -> TraceStep | None:
        """The step that led here."""
        return self.steps[self.position - 1] if self.position else None

    @property
    def length(self) -> int:
        """How many steps are known or scheduled."""
        return max(len(self.steps), self.scheduled)

    def last_of(self, cpu: int) -> TraceStep | None:
        """Return the last step of one CPU."""
        return next((step for step in reversed(self.steps[: self.position]) if step.choice.cpu == cpu), None)

    def called(self, cpu: int) -> str:
        """Return the name of a CPU, which says whether it patches."""
        return f"vCPU{cpu} (patcher)" if cpu in self.watch.patchers else f"vCPU{cpu}"
