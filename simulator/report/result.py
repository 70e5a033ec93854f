"""One answer with everything that a report of it needs."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.explore.simulate import TraceStep
from simulator.explore.verdict import Outcome, Verdict
from simulator.scenario.build import Built

UNMEASURED = ("qword8", "fifo8", "byte1", "stale64", "stale8", "stale1", "intel-strict")
"""Fetch models that allow more than any measurement on a real part has shown."""


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict on one scenario under one fetch model."""

    name: str
    title: str
    built: Built
    verdict: Verdict
    expected: str | None = None
    """What the scenario says it should be; None: it does not say, or was changed on the command line."""
    replay: str = ""
    """Replay string of the counterexample, or of the one execution."""
    spec_only: bool = False
    """A violation that no part was seen to show: the same check is safe under ``zen3``."""
    steps: tuple[TraceStep, ...] = ()
    """The execution, replayed: the whole of a counterexample, or of a run."""

    @property
    def profile(self) -> str:
        """Return the fetch model."""
        return self.verdict.bounds.profile

    @property
    def passed(self) -> bool | None:
        """Say whether the verdict is as it should be; None when there is none."""
        if self.verdict.outcome is Outcome.INCOMPLETE:
            return None
        if self.expected is not None:
            return self.expected == self.verdict.label or self.verdict.outcome is Outcome.RAN
        return self.verdict.outcome in (Outcome.SAFE, Outcome.RAN)

    @property
    def remark(self) -> str:
        """Return how the verdict relates to what was expected, in words."""
        if self.expected is None or self.verdict.outcome is Outcome.INCOMPLETE:
            return ""
        return "as expected" if self.passed else f"expected {self.expected}"
