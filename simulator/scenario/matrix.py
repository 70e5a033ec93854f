"""The verdict table: what one protocol does at one placement under one fetch model, as one short word.

The words are those of the published table of cross-modifying code on x86: ``torn`` (bytes of two versions are
executed as one instruction), ``UB`` (Intel calls it undefined), ``NOHANDLER`` (nobody claims the INT3), ``stuck``
(the patcher waits for ever), and ``ok``, with what may still be executed after the patcher is done where that is
not only the new instruction: ``ok/int3,old``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from simulator.explore.checker import Limits, Options, Progress, check
from simulator.explore.properties import PROPERTIES
from simulator.explore.verdict import Outcome, Verdict
from simulator.machine.engine import Engine
from simulator.machine.profiles import PROFILES
from simulator.patching.protocols import protocol as protocol_by_name
from simulator.scenario.build import Built, Guest, build, configure, prepare
from simulator.scenario.scenario import Scenario

PLACEMENTS = (0, 5, 63, 62, 60)
"""Addresses of the site modulo 64 KiB: inside a quadword, across one, and across a line at three places."""

_WORDS = {("integrity", "undefined"): "UB", ("integrity", "torn"): "torn", ("traps", "unclaimed-int3"): "NOHANDLER"}
_WEAK = ("freshness",)
_NONE = Limits()


@dataclass(frozen=True, slots=True)
class Cell:
    """One entry of the table."""

    protocol: str
    placement: int
    profile: str
    text: str
    verdict: Verdict


def cell(protocol: str, placement: int, profile: str, *, engine: Engine | None = None, limits: Limits = _NONE) -> Cell:
    """Return one entry; ``profile`` is a name or a letter."""
    return next(row(protocol, placement, [profile], engine=engine, limits=limits))


def row(
    protocol: str,
    placement: int,
    profiles: Iterable[str] = tuple(PROFILES),
    *,
    engine: Engine | None = None,
    limits: Limits = _NONE,
    progress: Callable[[Progress], None] | None = None,
) -> Iterator[Cell]:
    """Yield one row; the guest is booted once for all its fetch models."""
    engine = engine or Engine()
    guest = prepare(subject(protocol, placement), engine)
    options = Options(limits=limits, collect=True, progress=progress)
    for profile in profiles:
        yield cell_of(guest, profile, engine, options)


def subject(protocol: str, placement: int) -> Scenario:
    """Return the scenario behind a row: one CPU calls the function, one patches it."""
    workload = "workload_stoppable" if protocol_by_name(protocol).stops else "workload_caller"
    return Scenario(protocol=protocol, placement=placement, workload=workload, properties=PROPERTIES)


def word(verdict: Verdict) -> str:
    """Return the word for a verdict that collected everything."""
    kinds = verdict.all_findings
    bad = [kind for kind in kinds if kind[0] not in _WEAK]
    known = [text for kind, text in _WORDS.items() if kind in bad]
    if known:
        return "+".join(known)
    if bad:
        return "+".join(sorted({name for _, name in bad}))
    if verdict.outcome is Outcome.INCOMPLETE:
        return "?"
    late = sorted({name for _, name in kinds})
    return f"ok/{','.join(late)}" if late else "ok"


def cell_of(guest: Guest, profile: str, engine: Engine, options: Options) -> Cell:
    """Return the entry of a booted guest under one fetch model; ``options`` must collect."""
    built = configure(guest, profile, engine)
    verdict = check(built.subject, options)
    scenario = guest.scenario
    name = built.subject.machine.config.profile.name
    return Cell(scenario.protocol_name, scenario.placement or 0, name, word(verdict), verdict)


def counterexample(found: Cell, engine: Engine) -> tuple[Built, Verdict]:
    """Return what a cell was asked of, and the shortest schedule that shows its word."""
    kept = found.text.startswith("ok")  # then all there is to show is what may be executed late
    properties = tuple(name for name in PROPERTIES if kept or name not in _WEAK)
    scenario = replace(subject(found.protocol, found.placement), fetch=found.profile, properties=properties)
    built = build(scenario, engine)
    return built, check(built.subject)


def in_order(
    cells: Iterable[Cell], protocols: Sequence[str], profiles: Sequence[str], placements: Sequence[int]
) -> list[Cell]:
    """Return the cells there are in the order of the table."""
    found = {(each.protocol, each.placement, each.profile): each for each in cells}
    order = ((*of_row, profile) for of_row in rows(protocols, placements) for profile in profiles)
    return [found[place] for place in order if place in found]


def rows(protocols: Sequence[str], placements: Sequence[int]) -> Iterator[tuple[str, int]]:
    """Yield (protocol, placement) in the order of the table."""
    return ((protocol, placement) for protocol in protocols for placement in placements)
