"""Scenarios made runnable, with one engine per process."""

from collections.abc import Iterator
from functools import cache

from simulator.explore.checker import Options, check
from simulator.explore.reductions import Reductions
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
    """All on, each off in turn, merging and with it all that need it off, and all off."""
    yield Reductions()
    yield Reductions(interrupts=False)
    yield Reductions(dead=False)
    yield Reductions(ahead=False)
    yield Reductions(late=False)
    yield Reductions(registers=False)
    yield Reductions(ahead=False, registers=False)
    yield Reductions(symmetry=False)
    yield Reductions(merge=False, interrupts=False, dead=False)
    yield Reductions(merge=False, interrupts=False, dead=False, symmetry=False)
