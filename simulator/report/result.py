"""One answer with everything that a report of it needs."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

from simulator.explore.simulate import TraceStep
from simulator.explore.verdict import Outcome, Verdict
from simulator.report.later import Later
from simulator.scenario.build import Built

UNMEASURED = ("qword8", "fifo8", "byte1", "stale64", "stale8", "stale1", "intel-strict")
"""Fetch models that allow more than any measurement on a real part has shown."""


@dataclass(frozen=True)
class Result:
    """The verdict on one scenario under one fetch model. What is ``Later`` may be given as a function."""

    name: str
    title: str
    built: Later[Built] = Later()
    verdict: Verdict  # type: ignore[misc]  # Later() is no default, which mypy cannot know
    expected: str | None = None
    """What the scenario says it should be; None: it does not say, or was changed on the command line."""
    replay: Later[str] = Later("")
    """Replay string of the counterexample, or of the one execution."""
    spec_only: bool = False
    """A violation that no part was seen to show: the same check is safe under ``zen3``."""
    steps: Later[tuple[TraceStep, ...]] = Later(())
    """The execution, replayed: the whole of a counterexample, or of a run."""

    def backed_by_no_measurement(self) -> Result:
        """Return the same result marked ``spec_only``; what is ``Later`` stays so."""
        marked = copy(self)
        vars(marked)["spec_only"] = True
        return marked

    @property
    def profile(self) -> str:
        """Return the fetch model."""
        return self.verdict.bounds.profile

    @property
    def passed(self) -> bool | None:
        """Say whether the verdict is as it should be; None when there is none."""
        if self.verdict.outcome in (Outcome.INCOMPLETE, Outcome.UNPROVEN):
            return None
        if self.expected is not None:
            return self.expected == self.verdict.label or self.verdict.outcome is Outcome.RAN
        return self.verdict.outcome in (Outcome.SAFE, Outcome.RAN)

    @property
    def remark(self) -> str:
        """Return how the verdict relates to what was expected, in words."""
        if self.expected is None or self.passed is None:
            return ""
        return "as expected" if self.passed else f"expected {self.expected}"
