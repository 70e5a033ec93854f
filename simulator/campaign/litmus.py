"""Litmus tests as jobs for several cores."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from simulator.campaign.jobs import key_of
from simulator.litmus.judge import Answer, ask
from simulator.litmus.test import Litmus
from simulator.machine.engine import Engine


@dataclass(frozen=True, slots=True)
class LitmusJob:
    """Run one litmus test under one fetch model. The result is an ``Answer``."""

    litmus: Litmus = field(repr=False)
    fetch: str
    limit: int

    @property
    def key(self) -> str:
        """Return what tells it from every other job."""
        return key_of("litmus", self.litmus, self.fetch, self.limit)

    @property
    def label(self) -> str:
        """Return the test and the fetch model."""
        return f"{self.litmus.name} {self.fetch}"

    def run(self) -> Answer:
        """Run every execution."""
        return ask(self.litmus, self.fetch, _engine(), limit=self.limit)


@cache
def _engine() -> Engine:
    """Return this process's engine; what it has learned serves every test."""
    return Engine()
