"""What a check looked at: the bytes of the guest that its verdict depends on, and no others.

A guest is some 300 KiB of code and data, of which one check executes or reads a few hundred bytes. Everything a
check learns of them goes through ``BootImage.read``, so a boot image that writes down what is read gives the
exact answer to "does this verdict still hold now that one function is another?". The other inputs (the fetch
model, the sites, the state after boot, where memory lies) are part of a verdict's key; see ``verdict_keys``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from simulator.explore.checker import Options
from simulator.explore.fairness.check import check_with_fairness
from simulator.explore.verdict import Verdict
from simulator.machine.engine import Engine
from simulator.machine.memory import PAGE, BootImage
from simulator.scenario.build import Guest, configure
from simulator.x86.decode import decode

_LONGEST = 15
"""Bytes that are read where an instruction is to be decoded: no instruction is longer."""

Ranges = tuple[tuple[int, int], ...]
"""``(start, end)`` of guest memory, sorted and disjoint."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Guest memory a check has read, and a digest of what it read there."""

    ranges: Ranges
    digest: str

    def fits(self, boot: BootImage) -> bool:
        """Say whether a boot image is the same in everything that was read."""
        return digest_of(boot, self.ranges) == self.digest


class Checked(NamedTuple):
    """A verdict, and what it depends on."""

    verdict: Verdict
    footprint: Footprint


def check_guest(guest: Guest, fetch: str, options: Options, *, fair: bool = False) -> Checked:
    """Check every schedule of a guest under a fetch model, and note what that takes of the guest's memory."""
    boot = _Noted(guest.boot)
    built = configure(replace(guest, boot=boot), fetch, Engine())
    boot.places.clear()  # what configuring reads is in the subject, and so in the key
    verdict = check_with_fairness(built.subject, options, fair=fair)
    return Checked(verdict, footprint(guest.boot, boot.places))


def footprint(boot: BootImage, places: Iterable[tuple[int, int]]) -> Footprint:
    """Return the footprint of reads, given as ``(address, size)``."""
    ranges = _joined(_needed(boot, address, size) for address, size in places)
    return Footprint(ranges, digest_of(boot, ranges))


def digest_of(boot: BootImage, ranges: Ranges) -> str:
    """Return a digest of what a boot image holds there."""
    digest = hashlib.sha256()
    for start, end in ranges:
        digest.update(boot.read(start, end - start))
    return digest.hexdigest()


class _Noted(BootImage):
    """A boot image that notes which places are read."""

    __slots__ = ("places",)

    def __init__(self, image: BootImage) -> None:
        super().__init__(image.regions, ((page * PAGE, content) for page, content in image.pages().items()))
        self.places: set[tuple[int, int]] = set()

    def read(self, address: int, size: int) -> bytes:
        """Return boot-time bytes, and note that somebody wanted them."""
        self.places.add((address, size))
        return super().read(address, size)


def _needed(boot: BootImage, address: int, size: int) -> tuple[int, int]:
    """Return the bytes that matter; of those fetched to be decoded, only the instruction's own do."""
    if size == _LONGEST and (found := decode(boot.read(address, size), address)) is not None:
        size = found.length
    return address, address + size


def _joined(ranges: Iterable[tuple[int, int]]) -> Ranges:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
