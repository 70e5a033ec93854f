"""Scenarios made runnable, with one engine per process."""

from collections.abc import Iterator
from functools import cache

from simulator.explore.checker import Options, check
from simulator.explore.stretch import Reductions
from simulator.explore.subject import Subject
from simulator.explore.verdict import Verdict
from simulator.machine.engine import Engine
from simulator.scenario.build import Built, Guest, Hardware, configure, prepare
from simulator.scenario.scenario import Scenario

PLAIN = Hardware()
BYTES = ("integrity", "traps", "freshness")
"""The properties that an oracle about bytes can have an opinion on."""


@cache
def engine() -> Engine:
    return Engine()


def build(scenario: Scenario, fetch: str, hardware: Hardware = PLAIN) -> Built:
    return configure(prepare(scenario, engine()), fetch, engine(), hardware=hardware)


def built(guest: Guest, fetch: str, hardware: Hardware = PLAIN) -> Built:
    return configure(guest, fetch, engine(), hardware=hardware)


def findings(subject: Subject, reductions: Reductions | None = None) -> frozenset[tuple[str, str]]:
    """Every (property, kind) that some schedule shows."""
    return frozenset(collected(subject, reductions).all_findings)


def collected(subject: Subject, reductions: Reductions | None = None) -> Verdict:
    verdict = check(subject, Options(reductions or Reductions(), collect=True))
    assert not verdict.stopped_by
    return verdict


def reductions() -> Iterator[Reductions]:
    """Every way to switch them."""
    for merge in (True, False):
        for symmetry in (True, False):
            for dead in (True, False) if merge else (False,):
                yield Reductions(merge=merge, symmetry=symmetry, dead=dead)
