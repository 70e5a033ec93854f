"""What a patch says about itself, in sections that are never loaded: ``KGR_PATCH``, ``KGR_CALLBACKS``, and so on.

Each is a table of rows of addresses, as ``guest_kernels/lib/kgraft.h`` lays it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.errors import LoadError
from simulator.guest.layout import CALLBACK_TABLE, IMMEDIATE_TABLE, PATCH_TABLE
from simulator.guest.linker import KERNEL, Linker
from simulator.guest.symbols import Symbols


@dataclass(frozen=True, slots=True)
class PatchPair:
    """``KGR_PATCH(old, new)``: calls of ``old`` are to run ``new``; both are entries of functions."""

    old: str
    new: str
    old_address: int
    new_address: int
    module: str
    immediate: bool = False
    """Whether no consistency model holds the change up (``KGR_PATCH_IMMEDIATE``)."""


@dataclass(frozen=True, slots=True)
class Callbacks:
    """``KGR_CALLBACKS(new, ...)``: addresses of what runs around the change to ``new``, and back; 0 for nothing."""

    new: str
    pre_patch: int
    post_patch: int
    pre_unpatch: int
    post_unpatch: int


CALLBACKS = Callbacks.__match_args__[1:]
"""What may be called, in the order of time."""
_CALLBACK_WORDS = 1 + len(CALLBACKS)


def patch_pairs(linker: Linker, symbols: Symbols, modules: Sequence[str]) -> tuple[PatchPair, ...]:
    """Return what replaces what, by module and then by old function: gcc turns the order in the source around."""
    pairs = [
        PatchPair(
            _entry(linker, index, symbols, old, "KGR_PATCH"), _entry(linker, index, symbols, new, "KGR_PATCH"),
            old, new, linker.program.owners[index], table == IMMEDIATE_TABLE,
        )
        for table in (PATCH_TABLE, IMMEDIATE_TABLE)
        for index, (old, new) in _rows(linker, table, 2)
    ]  # fmt: skip
    names = [KERNEL, *modules]
    return tuple(sorted(pairs, key=lambda pair: (names.index(pair.module), pair.old_address)))


def callbacks(linker: Linker, symbols: Symbols) -> tuple[Callbacks, ...]:
    """Return what the patches want done around their changes, by the address of the new function."""
    rows = sorted(_rows(linker, CALLBACK_TABLE, _CALLBACK_WORDS), key=lambda found: found[1])
    return tuple(Callbacks(_entry(linker, index, symbols, row[0], "KGR_CALLBACKS"), *row[1:]) for index, row in rows)


def _rows(linker: Linker, table: str, words: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield the rows of a table of all objects, each with the index of its object."""
    for index, obj in enumerate(linker.program.objects):
        for number, section in enumerate(obj.sections):
            if section.name != table:
                continue
            data = linker.relocated(index, number)
            if len(data) % (8 * words):
                raise LoadError(f"{obj.name}: {table} has {len(data)} bytes, not rows of {words} addresses")
            found = [int.from_bytes(data[at : at + 8], "little") for at in range(0, len(data), 8)]
            yield from ((index, tuple(found[at : at + words])) for at in range(0, len(found), words))


def _entry(linker: Linker, index: int, symbols: Symbols, address: int, macro: str) -> str:
    """Return the name of the function that begins at an address."""
    symbol = symbols.at(address)
    if symbol is None or symbol.address != address or symbol.kind == "object":
        name = linker.program.objects[index].name
        raise LoadError(f"{name}: {macro} names {symbols.describe(address)}, not the entry of a function")
    return symbol.name
