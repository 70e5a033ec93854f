"""Guest memory: regions with permissions, and immutable contents that share what was never written."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntFlag

PAGE = 4096
WORD = 8

Cells = tuple[tuple[int, int], ...]
"""Words that differ from the boot image: ``(address, value)`` pairs of aligned 8-byte words, sorted by address.

A word equal to the boot image is left out, so that equal memories are equal tuples.
"""


class Access(IntFlag):
    """What a region permits."""

    READ = 1
    WRITE = 2
    EXECUTE = 4


@dataclass(frozen=True, slots=True)
class Region:
    """A range of guest addresses ``[start, end)``, page-aligned.

    ``owner`` is the vCPU whose private memory this is, None for shared memory. ``alias_of`` is the
    address that ``start`` is a second mapping of, as the temporary mapping of text_poke is one of
    kernel text. ``init_only`` memory is writable until boot is over (the kernel's ro_after_init).
    """

    name: str
    start: int
    end: int
    access: Access
    owner: int | None = None
    alias_of: int | None = None
    init_only: bool = False

    def canonical(self, address: int) -> int:
        """Return the address of the same byte in the region's own mapping."""
        return address if self.alias_of is None else address - self.start + self.alias_of


class BootImage:
    """What never changes: the regions, and the bytes they hold before the first explored step.

    Equal ``Cells`` over one boot image are equal memories. The image itself is never written.
    """

    __slots__ = ("_pages", "_permits", "_regions", "regions")

    def __init__(self, regions: Iterable[Region], contents: Iterable[tuple[int, bytes]]) -> None:
        self._map(tuple(regions))
        pages: dict[int, bytearray] = {}
        for address, data in contents:
            _copy_in(pages, address, data)
        self._pages: Mapping[int, bytes] = {page: bytes(data) for page, data in pages.items()}

    def _map(self, regions: tuple[Region, ...]) -> None:
        self.regions = regions
        self._regions = {page: region for region in regions for page in _pages_of(region)}
        self._permits = {page: int(region.access) for page, region in self._regions.items()}

    def permits(self, address: int, wanted: int) -> bool:
        """Say whether the region at an address permits an access (an ``Access`` bit as a plain integer)."""
        return bool(self._permits.get(address // PAGE, 0) & wanted)

    def region(self, address: int) -> Region | None:
        """Return the region an address lies in."""
        return self._regions.get(address // PAGE)

    def read(self, address: int, size: int) -> bytes:
        """Return boot-time bytes at canonical addresses; unmapped bytes read as zero."""
        page, offset = divmod(address, PAGE)
        if offset + size <= PAGE:
            data = self._pages.get(page)
            return data[offset : offset + size] if data is not None else bytes(size)
        head = PAGE - offset
        return self.read(address, head) + self.read(address + head, size - head)

    def word(self, address: int) -> int:
        """Return the aligned 8-byte word at ``address`` as boot left it."""
        return int.from_bytes(self.read(address, WORD), "little")

    def rebased(self, *overlays: Cells) -> BootImage:
        """Return the image with written words folded in and boot's write permission withdrawn."""
        image = BootImage((_sealed(region) for region in self.regions), ())
        pages = {page: bytearray(data) for page, data in self._pages.items()}
        for cells in overlays:
            for address, value in cells:
                _copy_in(pages, address, value.to_bytes(WORD, "little"))
        image._pages = {page: bytes(data) for page, data in pages.items()}
        return image

    def pages(self) -> Mapping[int, bytes]:
        """Return page number to content, for fingerprints and for plain emulators in tests."""
        return self._pages


def _sealed(region: Region) -> Region:
    if not region.init_only:
        return region
    return Region(region.name, region.start, region.end, Access.READ, region.owner, region.alias_of)


def _pages_of(region: Region) -> range:
    return range(region.start // PAGE, -(-region.end // PAGE))


def _copy_in(pages: dict[int, bytearray], address: int, data: bytes) -> None:
    while data:
        page, offset = divmod(address, PAGE)
        room = PAGE - offset
        pages.setdefault(page, bytearray(PAGE))[offset : offset + len(data[:room])] = data[:room]
        address, data = address + room, data[room:]


def read_cells(boot: BootImage, cells: Cells, address: int, size: int) -> bytes:
    """Return ``size`` bytes at a canonical address: written words over the boot image."""
    first = address & ~7
    found = bisect_left(cells, (first,))
    if found == len(cells) or cells[found][0] >= address + size:
        return boot.read(address, size)
    last = (address + size - 1) & ~7
    data = bytearray(boot.read(first, last + WORD - first))
    for where, value in cells[found:]:
        if where > last:
            break
        data[where - first : where - first + WORD] = value.to_bytes(WORD, "little")
    return bytes(data[address - first : address - first + size])


def write_cells(boot: BootImage, cells: Cells, address: int, data: bytes) -> Cells:
    """Return the memory in which ``data`` stands at a canonical address."""
    first = address & ~7
    last = (address + len(data) - 1) & ~7
    span = bytearray(read_cells(boot, cells, first, last + WORD - first))
    span[address - first : address - first + len(data)] = data
    low, high = bisect_left(cells, (first,)), bisect_left(cells, (last + 1,))
    words = []
    for offset in range(0, len(span), WORD):
        value = int.from_bytes(span[offset : offset + WORD], "little")
        if value != boot.word(first + offset):
            words.append((first + offset, value))
    return (*cells[:low], *words, *cells[high:])


def without_cells(cells: Cells, start: int, end: int) -> Cells:
    """Return the memory in which the words of ``[start, end)`` are forgotten (a dead stack)."""
    low, high = bisect_left(cells, (start,)), bisect_left(cells, (end,))
    return cells if low == high else cells[:low] + cells[high:]
