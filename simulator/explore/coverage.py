"""What random exploration has met: (CPU location, protocol step, site version) points.

A point is met when a vCPU that does not patch takes a *visible* transition, one that others could notice or that
notices others: where it stands (``symbol+0xoff``, with the interrupt or the store where it is one), which step
of the protocol the patcher stands in, and what the patch sites hold in memory at that moment. Local steps meet
nothing: in which order they come makes no difference. Two schedules that meet the same points may still differ,
so coverage that stays flat is a reason to stop, not a proof.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from simulator.explore.properties import INT3, Watch, WatchedSite
from simulator.explore.simulate import TraceStep
from simulator.guest.symbols import Symbols
from simulator.machine.choice import Kind
from simulator.machine.events import NMI_VECTOR, Committed, Delivered, Event, Executed
from simulator.machine.memory import Cells, read_cells
from simulator.patching.program import Piece


class Point(NamedTuple):
    """One thing that can be covered."""

    location: str
    """Of the vCPU: ``answer+0x0``, ``interrupt at answer+0x0``, ``poke_refs visible``."""
    step: str
    """Of the protocol, or the function in which a patcher stands that runs none."""
    version: str
    """Of the sites: old, new, new1, ...; int3 over one of these; self (a transient); mixed."""


class Atlas:
    """Names for the points of one guest. Immutable but for a cache of names."""

    def __init__(self, symbols: Symbols, pieces: tuple[Piece, ...], watch: Watch) -> None:
        self._symbols, self._pieces, self._watch = symbols, pieces, watch
        self._place, self._step_at, self._version = cache(self._place_of), cache(self._step_of), cache(self._name_of)

    def point(self, step: TraceStep) -> Point | None:
        """Return what a transition covers; None for a local one and for a patcher's own."""
        cpu = step.choice.cpu
        if cpu in self._watch.patchers or not is_visible(step.events):
            return None
        location = self._location(step)
        at = "+".join(self._step_at(step.before.vcpus[patcher].rip) for patcher in sorted(self._watch.patchers))
        return Point(location, at, self._versions(step.before.memory))

    def place(self, address: int) -> str:
        """Return ``symbol+0xoff``."""
        return self._place(address)

    def _location(self, step: TraceStep) -> str:
        rip = step.before.vcpus[step.choice.cpu].rip
        kind = step.choice.kind
        if kind is Kind.COMMIT:
            stored = next((event for event in step.events if isinstance(event, Committed)), None)
            return f"{self._place(stored.address if stored else rip)} visible"
        delivered = next((event for event in step.events if isinstance(event, Delivered)), None)
        if delivered is not None and kind is not Kind.EXECUTE:
            return f"{'NMI' if delivered.vector == NMI_VECTOR else 'interrupt'} at {self._place(rip)}"
        return self._place(rip)

    def _versions(self, memory: Cells) -> str:
        boot = self._watch.boot
        found = (
            self._version(number, read_cells(boot, memory, site.address, site.length))
            for number, site in enumerate(self._watch.sites)
        )
        return "|".join(found)

    def _place_of(self, address: int) -> str:
        return self._symbols.describe(address).partition("/")[0]

    def _step_of(self, rip: int) -> str:
        piece = next((piece.name for piece in self._pieces if piece.start <= rip < piece.end), None)
        return piece or self._place(rip).partition("+")[0]

    def _name_of(self, number: int, content: bytes) -> str:
        return version_name(self._watch.sites[number], content)


def is_visible(events: tuple[Event, ...]) -> bool:
    """Say whether a transition was more than the execution of unchanging text on private memory."""
    return any(not isinstance(event, Executed) or event.mutable for event in events)


def version_name(site: WatchedSite, content: bytes) -> str:
    """Return which of its versions a site holds."""
    if content in site.versions:
        return _number(site, site.versions.index(content))
    if any(content.startswith(transient) for transient in site.transients):
        return "self"
    if content[:1] == INT3:
        behind = [number for number, version in enumerate(site.versions) if version[1:] == content[1:]]
        return f"int3 over {_number(site, behind[0]) if behind else 'mixed'}"
    return "mixed"


def _number(site: WatchedSite, version: int) -> str:
    if version == 0:
        return "old"
    return "new" if version == len(site.versions) - 1 else f"new{version}"
