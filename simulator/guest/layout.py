"""Where everything lies in guest memory: the map of ``guest_kernels/lib/memlayout.h``, filled with sections.

Addresses are flat, there is no paging. The kernel stands where Linux is linked, the patch modules so far away
that a ``JMP rel32`` to them has five bytes that are easy to tell apart. Per-CPU data is linked at its offset
in the block of a CPU, which GS points to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from simulator.errors import LoadError
from simulator.guest.object import SHF_WRITE, SHT_NOBITS, ObjectFile, Section
from simulator.guest.sites import TABLES
from simulator.machine.memory import PAGE

KERNEL_TEXT: Final = 0xFFFF_FFFF_8100_0000
KERNEL_TEXT_ALIAS: Final = 0xFFFF_8881_0100_0000
MODULE_TEXT: Final = 0xFFFF_FFFF_C123_0000
MODULE_TEXT_ALIAS: Final = 0xFFFF_8882_0123_0000
PATCHER_TEXT: Final = 0xFFFF_FFFF_A000_0000
PATCHER_TEXT_SIZE: Final = 0x1_0000
PERCPU_BASE: Final = 0xFFFF_8880_0000_0000
PERCPU_STRIDE: Final = 0x1_0000
PERCPU_SHARED: Final = (0x0000, 0x1000)
PERCPU_PRIVATE: Final = (0x1000, 0x2000)
STACKS: Final = (("#DF stack", 0x4000), ("NMI stack", 0x5000), ("#BP stack", 0x6000), ("main stack", 0x7000))
STACK_SIZE: Final = 0x1000
MAX_CPUS: Final = 16

PATCH_TABLE: Final = ".kgr_patch"
IMMEDIATE_TABLE: Final = ".kgr_patch.immediate"
CALLBACK_TABLE: Final = ".kgr_callbacks"
LAYOUT_TABLE: Final = ".kgr_layout"
"""Structs that a patch changes on purpose."""
_FIRST_SHARED: Final = 0x40
_FUNCTION_ALIGN: Final = 16
_LARGEST: Final = 0x0100_0000
_UNLOADED: Final = (*TABLES, PATCH_TABLE, IMMEDIATE_TABLE, CALLBACK_TABLE, LAYOUT_TABLE)
_UNLOADED_PREFIXES: Final = (".note", ".eh_frame", ".llvm_addrsig", ".gnu.")


class Area(Enum):
    """What a section is for, in the order of the areas in memory."""

    TEXT = "text"
    RODATA = "rodata"
    RO_AFTER_INIT = "ro-after-init"
    DATA = "data"
    BSS = "bss"
    PERCPU_SHARED = "per-CPU shared"
    PERCPU_PRIVATE = "per-CPU private"


PER_CPU: Final = (Area.PERCPU_SHARED, Area.PERCPU_PRIVATE)
LINEAR: Final = tuple(area for area in Area if area not in PER_CPU)


@dataclass(frozen=True, slots=True)
class Placement:
    """Puts a function's patch site where ``address % modulo == offset``: across a line, say."""

    offset: int
    modulo: int = 0x10000

    def __post_init__(self) -> None:
        if not 0 <= self.offset < self.modulo <= _LARGEST:
            raise LoadError(f"a placement at {self.offset:#x} modulo {self.modulo:#x} cannot be met")


@dataclass(frozen=True, slots=True)
class Span:
    """An area of the kernel or of one module, ``[start, end)``, end not rounded up to a page."""

    owner: str
    area: Area
    start: int
    end: int


Place = tuple[int, int]
"""A section: the index of its object, and its own index."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The address of every loaded section, and the areas they fill."""

    addresses: Mapping[Place, int]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A section that must stand at ``(address + site) % placement.modulo == placement.offset``."""

    site: int
    placement: Placement

    def first(self, cursor: int) -> int:
        """Return the first address from ``cursor`` on that will do."""
        return cursor + (self.placement.offset - cursor - self.site) % self.placement.modulo


def area_of(section: Section) -> Area | None:
    """Return where a section goes; None for one that is not loaded."""
    name = section.name
    if not section.loaded or name in _UNLOADED or name.startswith(_UNLOADED_PREFIXES):
        return None
    if section.executable:
        return Area.TEXT
    if name.startswith(".data..percpu"):
        return Area.PERCPU_SHARED if name.startswith(".data..percpu..shared") else Area.PERCPU_PRIVATE
    if name.startswith(".data..ro_after_init"):
        return Area.RO_AFTER_INIT
    if not section.flags & SHF_WRITE or name.startswith(".data.rel.ro"):
        return Area.RODATA
    return Area.BSS if section.kind == SHT_NOBITS else Area.DATA


def lay_out(
    objects: Sequence[ObjectFile],
    owners: Sequence[str],
    bases: Mapping[str, int],
    wanted: Mapping[Place, Wanted],
) -> Layout:
    """Give every section of every object an address.

    ``owners`` says for each object whether it is the kernel's or which module's, ``bases`` where the owner's
    text starts. An owner without a base follows the one before it.
    """
    addresses: dict[Place, int] = {}
    spans = []
    cursor = 0
    for owner in dict.fromkeys(owners):
        cursor = start = bases.get(owner, cursor)
        mine = [index for index, name in enumerate(owners) if name == owner]
        for area in LINEAR:
            end = _fill(objects, list(_members(objects, mine, area)), cursor, wanted, addresses)
            spans.append(Span(owner, area, cursor, end))
            if end - start > _LARGEST:
                raise LoadError(f"{owner} is too large: {end - start:#x} bytes, at most {_LARGEST:#x} have room")
            cursor = -(-end // PAGE) * PAGE
    for block, first, limit in ((PER_CPU[0], _FIRST_SHARED, PERCPU_SHARED[1]), (PER_CPU[1], *PERCPU_PRIVATE)):
        members = list(_members(objects, range(len(objects)), block))
        end = _fill(objects, members, first, wanted, addresses)
        if end > limit:
            raise LoadError(
                f"{block.value} data needs {end - first:#x} bytes, the block of a CPU has {limit - first:#x}"
            )
        spans.append(Span("kernel", block, first, end))
    return Layout(addresses, tuple(spans))


def _members(objects: Sequence[ObjectFile], indices: Sequence[int], area: Area) -> Iterator[Place]:
    for index in indices:
        for number, section in enumerate(objects[index].sections):
            if section.size and area_of(section) is area:
                yield index, number


def _fill(
    objects: Sequence[ObjectFile],
    members: Sequence[Place],
    cursor: int,
    wanted: Mapping[Place, Wanted],
    addresses: dict[Place, int],
) -> int:
    """Place sections one after the other, then those with a wish; return where they end."""
    end = cursor
    for index, number in (place for place in members if place not in wanted):
        section = objects[index].sections[number]
        align = max(section.align, _FUNCTION_ALIGN if section.executable else 1)
        addresses[index, number] = -(-end // align) * align
        end = addresses[index, number] + section.size
    wishes = [place for place in members if place in wanted]
    while wishes:
        index, number = place = min(wishes, key=lambda place: wanted[place].first(end))
        wishes.remove(place)
        addresses[place] = wanted[place].first(end)
        end = addresses[place] + objects[index].sections[number].size
    return end
