"""What must always hold, judged on the events of each transition.

Each property is one function from (what is watched, one CPU's history, one event) to findings. A found bug is
a value. The definitions are those of docs/semantics.md; ``freshness`` needs to know whether every patcher is
done, which the checker adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.explore.universes import Past, Universes, step
from simulator.machine.events import Delivered, Event, Executed, Shutdown, Undefined
from simulator.machine.memory import BootImage

INT3 = b"\xcc"
BREAKPOINT = 3

PROPERTIES = ("integrity", "boundaries", "traps", "freshness", "order", "progress", "assertions")
"""Every property that needs no tasks, in the order they are named."""

FAIR_PROGRESS = "fair-progress"
TASK_PROPERTIES = ("consistency", "finalized")
"""Properties of tasks."""
WITH_TASKS = (*(name for name in PROPERTIES if name != "order"), *TASK_PROPERTIES)
"""What is asked where there is a consistency model: the order of versions is a matter of single sites."""
ON_REQUEST = (FAIR_PROGRESS, *TASK_PROPERTIES)
"""Properties that are judged only where they are asked for."""


@dataclass(frozen=True, slots=True)
class WatchedSite:
    """A patch site: where, and the whole instructions that may be executed there, in order of time."""

    name: str
    address: int
    length: int
    versions: tuple[bytes, ...]
    transients: tuple[bytes, ...] = ()
    """Instructions a protocol puts there for a while, besides INT3."""

    @property
    def end(self) -> int:
        """Return the address behind the site."""
        return self.address + self.length


@dataclass(frozen=True, slots=True)
class Watch:
    """What the properties look at in one guest."""

    boot: BootImage
    sites: tuple[WatchedSite, ...] = ()
    patchers: frozenset[int] = frozenset()
    done: int | None = None
    """A patcher is done once it executes this address."""
    ends: Mapping[int, str] = field(default_factory=dict)
    """Addresses whose execution is a violation, with the kind: panic, die and die_int3."""
    properties: frozenset[str] = frozenset(PROPERTIES)
    universes: Universes | None = None
    """Where tasks show which functions they run; None: nobody asks."""


class Finding(NamedTuple):
    """A violation of a property: which, in one word how, and where."""

    property: str
    kind: str
    cpu: int
    address: int
    code: bytes = b""


class Track(NamedTuple):
    """What must be remembered of one CPU's past to judge its next step."""

    stages: tuple[int, ...]
    """Per site: 2k after version k was executed, 2k+1 after an INT3 on the way to version k+1."""
    done: bool = False
    past: Past = Past()
    """What its tasks have run."""


class Observation(NamedTuple):
    """What the properties make of one transition."""

    track: Track
    findings: tuple[Finding, ...]
    stale: tuple[Finding, ...]
    """Findings that count only once every patcher is done."""


def first_track(watch: Watch) -> Track:
    """Return the history of a CPU that has done nothing."""
    return Track((0,) * len(watch.sites))


def observe(watch: Watch, track: Track, rip: int, events: tuple[Event, ...]) -> Observation:
    """Judge one transition of one CPU that leaves it at ``rip``."""
    findings: list[Finding] = []
    stale: list[Finding] = []
    cpu = 0
    undefined = any(isinstance(event, Undefined) for event in events)
    for event in events:
        cpu = event.cpu
        if watch.universes is not None:
            track = _tasks(watch.universes, track, event, findings, stale)
        if isinstance(event, Executed):
            track = _executed(watch, track, event, findings, stale, undefined)
        elif isinstance(event, Delivered):
            _delivered(watch, event, findings)
        elif isinstance(event, Undefined):
            findings.append(Finding("integrity", "undefined", event.cpu, event.address, event.code))
        elif isinstance(event, Shutdown):
            findings.append(Finding("traps", "triple-fault", event.cpu, rip))
    findings.extend(Finding("boundaries", "inside", cpu, rip) for site in watch.sites if site.address < rip < site.end)
    wanted = watch.properties
    return Observation(
        track,
        tuple(found for found in findings if found.property in wanted),
        tuple(found for found in stale if found.property in wanted),
    )


def _tasks(universes: Universes, track: Track, event: Event, findings: list[Finding], stale: list[Finding]) -> Track:
    past, mixed = step(universes, track.past, event)
    if isinstance(event, Executed):
        if mixed:
            findings.append(Finding("consistency", "mixed", event.cpu, event.address, event.code))
        if event.address in universes.retired:
            stale.append(Finding("finalized", "old", event.cpu, event.address, event.code))
    return track._replace(past=past)


def _executed(watch: Watch, track: Track, event: Executed, findings: list[Finding], stale: list[Finding],
              undefined: bool) -> Track:  # fmt: skip
    if event.address == watch.done and event.cpu in watch.patchers:
        track = track._replace(done=True)
    end = watch.ends.get(event.address)
    if end is not None:
        kind = {"die_int3": "unclaimed-int3", "panic": "panic"}.get(end, "exception")
        findings.append(Finding("assertions" if end == "panic" else "traps", kind, event.cpu, event.address))
    if not event.mutable or undefined:
        return track
    for number, site in enumerate(watch.sites):
        if event.address == site.address:
            return _at_site(watch, track, number, event, findings, stale)
    if not _harmless(watch, event):
        findings.append(Finding("integrity", "torn", event.cpu, event.address, event.code))
    return track


def _harmless(watch: Watch, event: Executed) -> bool:
    """Say whether an instruction outside every site's start is what boot put there, clear of all sites."""
    end = event.address + len(event.code)
    if any(site.address < end and event.address < site.end for site in watch.sites):
        return False
    return event.code == watch.boot.read(event.address, len(event.code))


def _at_site(watch: Watch, track: Track, number: int, event: Executed, findings: list[Finding],
             stale: list[Finding]) -> Track:  # fmt: skip
    site, code, stage = watch.sites[number], event.code, track.stages[number]
    last = 2 * (len(site.versions) - 1)
    if code in site.versions:
        possible = [2 * k for k, version in enumerate(site.versions) if version == code]
    elif code == INT3 or code in site.transients:
        possible = list(range(1, last, 2))
    else:
        findings.append(Finding("integrity", "torn", event.cpu, event.address, code))
        return track
    if code != site.versions[-1]:
        stale.append(Finding("freshness", _stale_kind(site, code), event.cpu, event.address, code))
    if "order" not in watch.properties:
        return track
    ahead = [candidate for candidate in possible if candidate >= stage]
    if not ahead:
        findings.append(Finding("order", "step-back", event.cpu, event.address, code))
        return track
    stages = (*track.stages[:number], ahead[0], *track.stages[number + 1 :])
    return track._replace(stages=stages)


def _stale_kind(site: WatchedSite, code: bytes) -> str:
    if code in site.versions:
        return "old"
    return "int3" if code == INT3 else "self"


def _delivered(watch: Watch, event: Delivered, findings: list[Finding]) -> None:
    if event.vector < 32 and event.vector not in (2, BREAKPOINT):
        findings.append(Finding("traps", f"exception-{event.vector}", event.cpu, event.interrupted))
    for site in watch.sites:
        own_frame = event.vector == BREAKPOINT and event.interrupted == site.address + 1
        if site.address < event.interrupted < site.end and not own_frame:
            findings.append(Finding("boundaries", "saved-inside", event.cpu, event.interrupted))
