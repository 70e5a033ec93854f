"""One guest under several fetch models, as one job: what is violated in a model is not asked again in larger ones."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.campaign.jobs import key_of, whole
from simulator.explore.checker import Limits, Options
from simulator.explore.reductions import Reductions
from simulator.explore.verdict import Verdict
from simulator.scenario.build import Guest
from simulator.scenario.footprint import Checked, check_guest
from simulator.scenario.minimize import inherited


@dataclass(frozen=True, slots=True)
class ModelsJob:
    """Check a guest under fetch models. The result has those that were checked, with their footprints."""

    name: str
    guest: Guest = field(repr=False)
    fetches: tuple[str, ...]
    """From smaller to larger ones."""
    known: tuple[tuple[str, Verdict], ...]
    """Verdicts on this guest under other fetch models."""
    reductions: Reductions
    limits: Limits

    @property
    def key(self) -> str:
        """Return what tells it from every other job."""
        return key_of("models", self.guest.scenario, self.fetches, self.reductions, self.limits)

    @property
    def label(self) -> str:
        """Return what is checked."""
        return self.name

    def run(self) -> tuple[tuple[str, Checked], ...]:
        """Check every schedule under each fetch model that does not inherit a violation."""
        known, found = dict(self.known), []
        for fetch in self.fetches:
            if not inherited(fetch, known):
                checked = check_guest(self.guest, fetch, Options(self.reductions, self.limits))
                whole(checked.verdict)
                known[fetch] = checked.verdict
                found.append((fetch, checked))
        return tuple(found)
