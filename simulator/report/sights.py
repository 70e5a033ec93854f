"""A patch site as memory has it, and as each CPU may still fetch it.

A CPU that reads ahead can hold older bytes than memory has (``docs/fetch-profiles.md``). They are shown by the pieces
that it fetches together, and as the instructions that these can make; both come from ``machine/fetch.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulator.explore.properties import WatchedSite
from simulator.machine.fetch import Candidate, Text
from simulator.machine.memory import Cells, read_cells
from simulator.machine.profiles import Age
from simulator.machine.state import State
from simulator.machine.vcpu import Fetch, VCpu
from simulator.report.words import label_of

MIXED = "mixed"


class Possible(NamedTuple):
    """An instruction that a CPU may execute at a site, and which of the site's versions it is."""

    code: bytes
    label: str


class CpuSight(NamedTuple):
    """What one CPU may find at a site."""

    pieces: tuple[tuple[bytes, ...], ...]
    """From the first byte on, what is fetched together: each value it may have, memory's (or the one read) first."""
    possible: tuple[Possible, ...]


class SiteSight(NamedTuple):
    """A site: memory's bytes, which version they are (``mixed`` when none), and each CPU's view."""

    memory: bytes
    label: str
    cpus: tuple[CpuSight, ...]


def look(text: Text, site: WatchedSite, state: State) -> SiteSight:
    """Return a site as it is in one state."""
    memory = read_cells(text.boot, state.memory, site.address, site.length)
    views = tuple(_cpu(text, site, vcpu, state.memory) for vcpu in state.vcpus)
    return SiteSight(memory, version_of(site, memory), views)


def version_of(site: WatchedSite, memory: bytes) -> str:
    """Return ``old``, ``int3`` (with whatever tail), ``new``, or ``mixed``."""
    if memory in site.versions or memory in site.transients:
        return label_of(site, memory)
    return "int3" if memory[:1] == b"\xcc" else MIXED


def _cpu(text: Text, site: WatchedSite, vcpu: VCpu, memory: Cells) -> CpuSight:
    read = vcpu.fetch.partial if vcpu.rip == site.address else b""
    pieces, at = [], site.address
    while at < site.end:
        end = _piece_end(text, at, site.end)
        taken = read[at - site.address : end - site.address]
        pieces.append((taken,) if len(taken) == end - at else tuple(_values(text, vcpu.fetch, memory, at, end)))
        at = end
    fetch = vcpu.fetch if read else vcpu.fetch._replace(partial=b"")
    codes = dict.fromkeys(code for code in _instructions(text, fetch, memory, site.address))
    return CpuSight(tuple(pieces), tuple(Possible(code, label_of(site, code)) for code in codes))


def _piece_end(text: Text, at: int, end: int) -> int:
    return end if text.granule is None else min(end, (at // text.granule + 1) * text.granule)


def _values(text: Text, fetch: Fetch, memory: Cells, at: int, end: int) -> Iterator[bytes]:
    """Yield the bytes of ``[at, end)``, which lie in one granule, as they may be fetched; memory's come first."""
    found = [read_cells(text.boot, memory, at, end - at)]
    if text.granule is not None and fetch.held and text.age is not Age.NOW:
        start = at // text.granule * text.granule
        found += [value[at - start : end - start] for value in reversed(_older(text, fetch, start))]
    yield from dict.fromkeys(found)


def _older(text: Text, fetch: Fetch, start: int) -> tuple[bytes, ...]:
    """Return the values of a granule that are older than memory's, the oldest first."""
    if text.age is Age.HELD or text.literal:
        return tuple(value for first, values in fetch.held if first == start for value in values)
    if start not in text.granules:
        return ()
    offset = text.granules.index(start) * (text.granule or 0)
    history = fetch.held[0][1][dict(fetch.floors).get(start, 0) :]
    return tuple(snapshot[offset : offset + (text.granule or 0)] for snapshot in history)


def _instructions(text: Text, fetch: Fetch, memory: Cells, address: int) -> Iterator[bytes]:
    for candidate in text.candidates(fetch, memory, address):
        yield _whole(text, candidate, memory, address).code


def _whole(text: Text, candidate: Candidate, memory: Cells, address: int) -> Candidate:
    """Go on fetching until there is an instruction: models that never hold anything read a granule per step."""
    while not candidate.complete:
        candidate = text.candidates(candidate.fetch, memory, address)[0]
    return candidate
