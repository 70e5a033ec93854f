"""Names to addresses: symbol resolution and relocation, as ``ld`` and the kernel's module loader do them.

The kernel's objects share one namespace. Each patch module has its own: a name it does not define is the
kernel's, and that may be a static one (what kpatch and livepatch need special relocations for), as long as
only one source has it. Values follow the System V ABI's AMD64 supplement, table 4.10; sums wrap at 2^64, so
that a RIP-relative reference to a per-CPU variable, linked near zero, reaches it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from simulator.errors import LoadError
from simulator.guest.layout import Layout, area_of
from simulator.guest.object import (
    SHN_ABS,
    SHN_COMMON,
    SHN_LORESERVE,
    SHN_UNDEF,
    ObjectFile,
    ObjectSymbol,
    Relocation,
    Section,
)
from simulator.guest.sites import FENTRY
from simulator.guest.symbols import closest

KERNEL: Final = "kernel"

_MASK: Final = (1 << 64) - 1
_ABSOLUTE_S32: Final = 11


@dataclass(frozen=True, slots=True)
class _Form:
    """How a relocation is written: its name and width, relative to its place or not, and its range."""

    name: str
    width: int
    relative: bool
    low: int
    high: int


_S32: Final = (-(1 << 31), 1 << 31)
_FORMS: Final = {
    1: _Form("R_X86_64_64", 8, False, 0, 1 << 64),
    2: _Form("R_X86_64_PC32", 4, True, *_S32),
    4: _Form("R_X86_64_PLT32", 4, True, *_S32),
    10: _Form("R_X86_64_32", 4, False, 0, 1 << 32),
    _ABSOLUTE_S32: _Form("R_X86_64_32S", 4, False, *_S32),
    24: _Form("R_X86_64_PC64", 8, True, 0, 1 << 64),
}
_PIC: Final = {3, 5, 6, 7, 8, 9, 22, 25, 26, 27, 28, 29, 30, 31, 41, 42}
_STRENGTH: Final = {"weak": 0, "common": 1, "global": 2}

Definition = tuple[int, int]
"""A symbol: the index of its object, and its own index."""


@dataclass(frozen=True, slots=True)
class Program:
    """Objects, whose each is (the kernel's or a module's), and who defines which global name."""

    objects: tuple[ObjectFile, ...]
    owners: tuple[str, ...]
    globals: Mapping[str, Mapping[str, Definition]]

    def resolve(self, index: int, symbol: ObjectSymbol) -> Definition | None:
        """Return the definition an undefined symbol of object ``index`` means, None when there is none."""
        owner = self.owners[index]
        for namespace in (owner, KERNEL):
            if (found := self.globals[namespace].get(symbol.name)) is not None:
                return found
        if owner == KERNEL:
            return None
        statics = self.statics(symbol.name)
        if len(statics) > 1:
            places = ", ".join(self.objects[where].name for where, _ in statics)
            raise LoadError(
                f"{self.objects[index].name}: {symbol.name!r} is a static name of {len(statics)} sources: "
                f"{places}; a patch can only mean a name that one source has"
            )
        return statics[0] if statics else None

    def statics(self, name: str) -> list[Definition]:
        """Return the kernel's static definitions of a name."""
        return [
            (index, number)
            for index, obj in enumerate(self.objects)
            if self.owners[index] == KERNEL
            for number, symbol in enumerate(obj.symbols)
            if symbol.name == name and symbol.binding == "local" and is_defined(symbol)
        ]


def is_defined(symbol: ObjectSymbol) -> bool:
    """Whether the symbol names a place in a section of its own object, or a constant."""
    named = symbol.name and symbol.kind not in ("section", "file")
    return bool(named) and (SHN_UNDEF < symbol.section < SHN_LORESERVE or symbol.section == SHN_ABS)


def combine(objects: Sequence[ObjectFile], owners: Sequence[str]) -> Program:
    """Find out who defines which global name; give COMMON symbols memory."""
    spaces = {owner: _definitions(objects, owners, owner) for owner in dict.fromkeys((KERNEL, *owners))}
    placed = list(objects)
    for definitions in spaces.values():
        for index, number in definitions.values():
            if placed[index].symbols[number].section == SHN_COMMON:
                placed[index] = placed[index].with_common(number)
    return Program(tuple(placed), tuple(owners), spaces)


def _definitions(objects: Sequence[ObjectFile], owners: Sequence[str], owner: str) -> dict[str, Definition]:
    chosen: dict[str, Definition] = {}
    for index, obj in enumerate(objects):
        for number, symbol in enumerate(obj.symbols if owners[index] == owner else ()):
            if symbol.binding == "local" or symbol.section == SHN_UNDEF or symbol.name == FENTRY:
                continue
            known = chosen.get(symbol.name)
            rank = _rank(symbol)
            if known is None or rank > _rank(objects[known[0]].symbols[known[1]]):
                chosen[symbol.name] = (index, number)
            elif rank[0] == _STRENGTH["global"] and known[0] != index:
                first = objects[known[0]].name
                raise LoadError(f"{symbol.name!r} is defined twice: in {first} and in {obj.name}")
    return chosen


def _rank(symbol: ObjectSymbol) -> tuple[int, int]:
    """A definition beats COMMON, the larger COMMON the smaller, and both a weak definition."""
    common = symbol.section == SHN_COMMON
    return _STRENGTH["common" if common else symbol.binding], symbol.size if common else 0


@dataclass(frozen=True, slots=True)
class Linker:
    """The addresses of a laid-out program."""

    program: Program
    layout: Layout

    def value(self, index: int, number: int) -> int | None:
        """Return the address of a symbol of an object; None when there is none at run time."""
        obj = self.program.objects[index]
        symbol = obj.symbol(number)
        if symbol.section in (SHN_UNDEF, SHN_COMMON):
            found = self.program.resolve(index, symbol)
            if found is None:
                return 0 if symbol.binding == "weak" or not symbol.name else None
            return self.value(*found)
        if symbol.section == SHN_ABS:
            return symbol.value & _MASK
        start = self.layout.addresses.get((index, symbol.section))
        if start is None and area_of(obj.sections[symbol.section]) is not None:
            start = 0
        return None if start is None else start + symbol.value & _MASK

    def values(self, index: int) -> tuple[int, ...]:
        """Return the values for debug information, where an offset into an unloaded section is one."""
        symbols = self.program.objects[index].symbols
        found = (self._debug_value(index, number) for number in range(len(symbols)))
        return tuple(symbols[number].value if value is None else value for number, value in enumerate(found))

    def _debug_value(self, index: int, number: int) -> int | None:
        symbol = self.program.objects[index].symbols[number]
        return 0 if symbol.section == SHN_UNDEF else self.value(index, number)

    def relocated(self, index: int, number: int, skipped: Iterable[int] = ()) -> bytearray:
        """Return a section's bytes with its relocations applied, but for those at ``skipped``."""
        obj = self.program.objects[index]
        section = obj.sections[number]
        start = self.layout.addresses.get((index, number), 0)
        data = bytearray(section.data)
        left = frozenset(skipped)
        for relocation in section.relocations():
            if relocation.kind and relocation.offset not in left:
                self._apply(index, section, start, relocation, data)
        return data

    def references(self) -> Iterator[int]:
        """Yield every address that a relocation of loaded memory names: calls, jumps, tables, pointers.

        A relative field of four bytes is taken to end its instruction, as the one of a branch does.
        """
        for index, number in self.layout.addresses:
            obj = self.program.objects[index]
            for relocation in obj.sections[number].relocations():
                target = self.value(index, relocation.symbol)
                if relocation.kind in _FORMS and target is not None:
                    form = _FORMS[relocation.kind]
                    yield target + relocation.addend + form.width * form.relative & _MASK

    def _apply(self, index: int, section: Section, start: int, relocation: Relocation, data: bytearray) -> None:
        obj = self.program.objects[index]
        form = _form(obj, section, relocation)
        if relocation.offset + form.width > len(data):
            raise LoadError(f"{obj.name}: damaged object: a relocation lies outside {section.name}")
        target = self.value(index, relocation.symbol)
        if target is None:
            raise LoadError(self._undefined(index, section, obj.symbol(relocation.symbol)))
        value = target + relocation.addend - (start + relocation.offset) * form.relative
        value = _wrapped(value, form)
        if not form.low <= value < form.high:
            raise LoadError(
                f"{obj.name}: {form.name} at {section.name}+{relocation.offset:#x} cannot reach "
                f"{target + relocation.addend & _MASK:#x}: compile with -mcmodel=kernel -fno-pic"
            )
        data[relocation.offset : relocation.offset + form.width] = (value & _MASK).to_bytes(8, "little")[: form.width]

    def _undefined(self, index: int, section: Section, symbol: ObjectSymbol) -> str:
        obj = self.program.objects[index]
        if symbol.section != SHN_UNDEF:
            title = obj.sections[symbol.section].name if symbol.section < SHN_LORESERVE else "COMMON"
            return f"{obj.name}: {section.name} refers to section {title}, which is not loaded"
        if symbol.name == FENTRY:
            return f"{obj.name}: {section.name} calls __fentry__ elsewhere than at an entry: use -mfentry"
        names = dict.fromkeys(name for name, _ in self._known_names(index))
        guess = closest(symbol.name, names)
        return f"{obj.name}: undefined symbol {symbol.name!r}, used in {section.name}{guess}"

    def _known_names(self, index: int) -> Iterator[tuple[str, Definition]]:
        yield from self.program.globals[self.program.owners[index]].items()
        yield from self.program.globals[KERNEL].items()


def _form(obj: ObjectFile, section: Section, relocation: Relocation) -> _Form:
    form = _FORMS.get(relocation.kind)
    if form is None:
        cure = ": compile with -fno-pic -fno-pie" if relocation.kind in _PIC else ""
        raise LoadError(
            f"{obj.name}: unsupported relocation type {relocation.kind} at {section.name}+{relocation.offset:#x}{cure}"
        )
    return form


def _wrapped(value: int, form: _Form) -> int:
    value &= _MASK
    return value - (1 << 64) if form.low < 0 and value >> 63 else value
