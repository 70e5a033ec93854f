"""A linked guest: what the machine maps before the first instruction, and what everything in it is called.

An image is a value. ``poke`` and ``with_code`` return another one; the machine's view of it starts from
``regions`` and ``contents``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from operator import itemgetter

from simulator.errors import LoadError
from simulator.guest import layout
from simulator.guest.lines import Lines
from simulator.guest.sites import FunctionSite
from simulator.guest.symbols import Symbol, Symbols
from simulator.guest.tables import Callbacks, PatchPair
from simulator.machine.memory import Region

Contents = tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class CpuArea:
    """The block of one vCPU: ``[low, high)`` of its data, and of its stacks #DF, NMI, #BP and main."""

    index: int
    base: int
    shared: tuple[int, int]
    private: tuple[int, int]
    stacks: tuple[tuple[int, int], ...]
    main_stack_top: int


@dataclass(frozen=True, slots=True)
class Image:
    """A kernel linked with its patches, ready to be mapped."""

    name: str
    regions: tuple[Region, ...]
    contents: Contents
    symbols: Symbols
    sites: tuple[FunctionSite, ...]
    patches: tuple[PatchPair, ...]
    lines: Lines
    cpus: tuple[CpuArea, ...]
    callbacks: tuple[Callbacks, ...] = ()
    references: frozenset[int] = frozenset()
    """Every address that a relocation names, so that a patch can be refused where something leads inside."""

    def region(self, address: int) -> Region | None:
        """Return the region an address lies in."""
        return next((region for region in self.regions if region.start <= address < region.end), None)

    def address(self, symbol: str | int, cpu: int | None = None) -> int:
        """Return the address of ``name``, ``name+0x4`` or a number; a per-CPU variable's takes its CPU."""
        if isinstance(symbol, int):
            return symbol
        name, offset = _split(symbol)
        if name.startswith("0x"):
            return _number(name) + offset
        found = self.symbols.by_name(name)
        if not found.per_cpu:
            return found.address + offset
        if cpu is None:
            raise LoadError(f"{name} is a per-CPU variable: say which CPU's (0 to {len(self.cpus) - 1})")
        return self._cpu(cpu).base + found.address + offset

    def read(self, address: int, size: int) -> bytes:
        """Return initial bytes, through the alias too; memory nothing was put into reads as zero."""
        region = self.region(address)
        start = region.canonical(address) if region else address
        data = bytearray(size)
        for base, chunk in self.contents:
            low, high = max(start, base), min(start + size, base + len(chunk))
            if low < high:
                data[low - start : high - start] = chunk[low - base : high - base]
        return bytes(data)

    def poke(self, where: str | int, data: bytes, offset: int = 0, cpu: int | None = None) -> Image:
        """Return the image with other initial bytes; a per-CPU variable changes on every CPU."""
        if isinstance(where, str) and cpu is None and self._is_per_cpu(where):
            image = self
            for area in self.cpus:
                image = image.poke(where, data, offset, area.index)
            return image
        start = self.address(where, cpu) + offset
        region = self.region(start)
        if region is None or start + len(data) > region.end:
            raise LoadError(f"no room for {len(data)} bytes at {self.symbols.describe(start)}: not guest memory")
        return replace(self, contents=_overwritten(self.contents, region.canonical(start), data))

    def with_code(self, name: str, address: int, code: bytes, labels: Mapping[str, int]) -> Image:
        """Return the image with generated code in it, so that traces can name it (``patcher+0x12/0x40``)."""
        symbols = [Symbol(name, address, len(code), "local", "function", "generated")]
        symbols += [Symbol(label, at, 0, "local", "label", "generated") for label, at in labels.items()]
        named = self.symbols.without(address, address + len(code)).with_symbols(symbols)
        return replace(self.poke(address, code), symbols=named)

    def source(self, address: int) -> str | None:
        """Return ``file:line`` of an instruction, as in ``guest_kernels/minimal/kernel.c:12``."""
        found = self.lines.find(self._canonical(address))
        return str(found) if found else None

    def source_text(self, address: int) -> str | None:
        """Return the text of the source line of an instruction."""
        found = self.lines.find(self._canonical(address))
        return self.lines.text(found) if found else None

    def _canonical(self, address: int) -> int:
        region = self.region(address)
        return region.canonical(address) if region else address

    def _is_per_cpu(self, where: str) -> bool:
        name, _ = _split(where)
        return not name.startswith("0x") and self.symbols.by_name(name).per_cpu

    def _cpu(self, index: int) -> CpuArea:
        if not 0 <= index < len(self.cpus):
            raise LoadError(f"there is no vCPU {index}: the image has {len(self.cpus)}")
        return self.cpus[index]


def cpu_area(index: int) -> CpuArea:
    """Return where the block of a vCPU lies."""
    base = layout.PERCPU_BASE + index * layout.PERCPU_STRIDE
    stacks = tuple((base + start, base + start + layout.STACK_SIZE) for _, start in layout.STACKS)
    shared, private = ((base + low, base + high) for low, high in (layout.PERCPU_SHARED, layout.PERCPU_PRIVATE))
    return CpuArea(index, base, shared, private, stacks, stacks[-1][1])


def _overwritten(contents: Contents, address: int, data: bytes) -> Contents:
    """Return the chunks with ``data`` over them, sorted and disjoint."""
    end = address + len(data)
    first = bisect_right(contents, address, key=itemgetter(0))
    while first and contents[first - 1][0] + len(contents[first - 1][1]) >= address:
        first -= 1
    last = first
    while last < len(contents) and contents[last][0] <= end:
        last += 1
    touched = contents[first:last]
    low = min(address, touched[0][0]) if touched else address
    high = max(end, *(base + len(chunk) for base, chunk in touched)) if touched else end
    merged = bytearray(high - low)
    for base, chunk in (*touched, (address, data)):
        merged[base - low : base - low + len(chunk)] = chunk
    return (*contents[:first], (low, bytes(merged)), *contents[last:])


def _split(symbol: str) -> tuple[str, int]:
    name, plus, offset = symbol.partition("+")
    return name.strip(), _number(offset.partition("/")[0]) if plus else 0


def _number(text: str) -> int:
    try:
        return int(text, 0)
    except ValueError:
        raise LoadError(f"{text.strip()!r} is not a number: write an address as 0x... or symbol+0x...") from None
