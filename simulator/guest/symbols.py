"""Names of guest addresses, printed as the kernel prints them: ``symbol+0xoff/0xsize``.

An address in the block of a CPU is named after the per-CPU variable or stack there
(``poke_refs@cpu1+0x0/0x4``), one in the writable second mapping of text after the text it maps
(``alias:counter_tick+0x1/0x20``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from simulator.errors import UnknownSymbol
from simulator.guest import layout

_PADDING: Final = 16
_DEEPEST: Final = 4
"""How many names may lie inside each other, as a routine written in assembly inside another."""
_ALIASES: Final = (
    (layout.KERNEL_TEXT_ALIAS, layout.KERNEL_TEXT),
    (layout.MODULE_TEXT_ALIAS, layout.MODULE_TEXT),
)
_ALIAS_SIZE: Final = 0x0100_0000
_BINDING_RANK: Final = {"global": 0, "weak": 1, "local": 2}
_KIND_RANK: Final = {"function": 0, "object": 1}


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name; ``binding`` is global, weak or local, ``kind`` function, object or label."""

    name: str
    address: int
    size: int
    binding: str
    kind: str
    object: str

    @property
    def per_cpu(self) -> bool:
        """Whether every CPU has one; the address is then the offset in the CPU's block."""
        return self.address < layout.PERCPU_STRIDE

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.address + self.size


class Symbols:
    """All names of an image, sorted by address. Never changes: ``with_symbols`` makes another."""

    __slots__ = ("_by_name", "_sized", "_starts", "_table", "kernel")

    def __init__(self, kernel: str, symbols: Iterable[Symbol]) -> None:
        self.kernel = kernel
        self._table = tuple(sorted(symbols, key=_order))
        self._sized = tuple(symbol for symbol in self._table if symbol.size)
        self._starts = [symbol.address for symbol in self._sized]
        self._by_name: dict[str, list[Symbol]] = {}
        for symbol in self._table:
            self._by_name.setdefault(symbol.name, []).append(symbol)

    def __iter__(self) -> Iterator[Symbol]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Symbols) and self._table == other._table

    def __hash__(self) -> int:
        return hash(self._table)

    def by_name(self, name: str) -> Symbol:
        """Return the symbol of this name (or ``source:name``); a global one goes before static ones."""
        source, _, plain = name.rpartition(":")
        found = [s for s in self._by_name.get(plain, ()) if not source or _is_from(s, source)]
        chosen = [symbol for symbol in found if symbol.binding != "local"] or found
        if not chosen:
            raise UnknownSymbol(f"no symbol {name!r} in {self.kernel}{closest(plain, self._by_name)}")
        if len(chosen) > 1:
            places = ", ".join(sorted(f"{symbol.object}:{plain}" for symbol in chosen))
            raise UnknownSymbol(f"{len(chosen)} symbols are called {name!r}: write one of {places}")
        return chosen[0]

    def at(self, address: int) -> Symbol | None:
        """Return the function or variable an address lies in, or ends or pads."""
        index = bisect_right(self._starts, address)
        before = self._sized[max(index - _DEEPEST, 0) : index]
        for symbol in reversed(before):
            if address < symbol.end:
                return symbol
        return before[-1] if before and address - before[-1].end < _PADDING else None

    def describe(self, address: int) -> str:
        """Return ``name+0xoff/0xsize``, or the plain address where nothing has a name."""
        for alias, text in _ALIASES:
            if alias <= address < alias + _ALIAS_SIZE and (symbol := self.at(address - alias + text)):
                return f"alias:{_offset(symbol.name, address - alias + text - symbol.address, symbol.size)}"
        block, offset = divmod(address - layout.PERCPU_BASE, layout.PERCPU_STRIDE)
        if 0 <= block < layout.MAX_CPUS:
            return self._describe_per_cpu(block, offset) or f"{address:#x}"
        found = self.at(address) if address >= layout.PERCPU_STRIDE else None
        return _offset(found.name, address - found.address, found.size) if found else f"{address:#x}"

    def _describe_per_cpu(self, cpu: int, offset: int) -> str | None:
        for name, start in layout.STACKS:
            if start <= offset < start + layout.STACK_SIZE:
                return _offset(f"{name.replace(' ', '_')}@cpu{cpu}", offset - start, layout.STACK_SIZE)
        symbol = self.at(offset)
        return _offset(f"{symbol.name}@cpu{cpu}", offset - symbol.address, symbol.size) if symbol else None

    def with_symbols(self, symbols: Iterable[Symbol]) -> Symbols:
        """Return the names with more of them; a new name at an old one's place is added beside it."""
        return Symbols(self.kernel, (*self._table, *symbols))

    def without(self, start: int, end: int) -> Symbols:
        """Return the names outside ``[start, end)``."""
        return Symbols(self.kernel, (s for s in self._table if not start <= s.address < end))


def closest(name: str, names: Iterable[str]) -> str:
    """Return ``: did you mean ...?`` for an error message, or nothing when no name comes close."""
    matches = get_close_matches(name, list(names), n=3, cutoff=0.6)
    return f": did you mean {' or '.join(repr(match) for match in matches)}?" if matches else ""


def sized_labels(symbols: Iterable[Symbol], spans: Iterable[tuple[int, int]]) -> Iterator[Symbol]:
    """Yield the symbols; a label outside every function reaches to the next name, as in kallsyms."""
    table = sorted(symbols, key=_order)
    areas = tuple(spans)
    reach = 0
    for index, symbol in enumerate(table):
        limit = next((end for start, end in areas if start <= symbol.address < end), None)
        if symbol.size == 0 and limit is not None and symbol.address >= reach:
            following = next((s.address for s in table[index + 1 :] if s.address > symbol.address), limit)
            symbol = replace(symbol, size=min(following, limit) - symbol.address)
        reach = max(reach, symbol.end)
        yield symbol


def _order(symbol: Symbol) -> tuple[int, int, int, int, str, str]:
    """Sort by address, and among names of one address the one to print last."""
    return (
        symbol.address,
        symbol.size,
        -_KIND_RANK.get(symbol.kind, 2),
        -_BINDING_RANK.get(symbol.binding, 3),
        symbol.name,
        symbol.object,
    )


def _offset(name: str, offset: int, size: int) -> str:
    return f"{name}+{offset:#x}/{size:#x}"


def _is_from(symbol: Symbol, source: str) -> bool:
    return symbol.object == source or symbol.object.endswith(f"/{source}") or _stem(symbol.object) == source


def _stem(source: str) -> str:
    return source.rsplit("/", 1)[-1].rsplit(".", 1)[0]
