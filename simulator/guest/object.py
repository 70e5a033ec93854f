"""A relocatable object: what ``gcc -c`` wrote, or what somebody says it wrote.

Layout as in the ELF-64 object file format and the System V ABI's AMD64 supplement, chapter 4. The tables the
linker needs on every start are unpacked here in bulk; nothing in the file is believed before it is checked,
so that a damaged or foreign file ends in one ``LoadError``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from simulator.errors import LoadError

SHT_PROGBITS: Final = 1
SHT_SYMTAB: Final = 2
SHT_RELA: Final = 4
SHT_NOBITS: Final = 8
SHT_REL: Final = 9
SHF_WRITE: Final = 0x1
SHF_ALLOC: Final = 0x2
SHF_EXECINSTR: Final = 0x4
SHF_COMPRESSED: Final = 0x800

SHN_UNDEF: Final = 0
SHN_LORESERVE: Final = 0xFF00
SHN_ABS: Final = 0xFFF1
SHN_COMMON: Final = 0xFFF2

_HEADER: Final = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION: Final = struct.Struct("<IIQQQQIIQQ")
_SYMBOL: Final = struct.Struct("<IBBHQQ")
_RELA: Final = struct.Struct("<QQq")

_ET_REL: Final = 1
_EM_X86_64: Final = 62
_LARGEST: Final = 16 << 20
_COARSEST: Final = 4096
_BINDINGS: Final = {0: "local", 1: "global", 2: "weak", 10: "global"}
_KINDS: Final = {0: "label", 1: "object", 2: "function", 3: "section", 4: "file", 5: "object"}


class Relocation(NamedTuple):
    """``S + A`` (or ``S + A - P``) to be written at ``offset`` of a section, S being a symbol's address."""

    offset: int
    kind: int
    symbol: int
    addend: int


@dataclass(frozen=True, slots=True)
class Section:
    """A section with its content (empty where the file holds none) and its relocations, still packed."""

    name: str
    kind: int
    flags: int
    data: bytes
    size: int
    align: int
    rela: bytes = b""

    @property
    def loaded(self) -> bool:
        """Whether the section takes memory at run time."""
        return bool(self.flags & SHF_ALLOC)

    @property
    def executable(self) -> bool:
        """Whether the section holds instructions."""
        return bool(self.flags & SHF_EXECINSTR)

    def relocations(self) -> Iterator[Relocation]:
        """Yield the section's relocations in file order."""
        for offset, info, addend in _RELA.iter_unpack(self.rela):
            yield Relocation(offset, info & 0xFFFFFFFF, info >> 32, addend)


@dataclass(frozen=True, slots=True)
class ObjectSymbol:
    """A row of the symbol table; ``section`` is an index or one of the SHN_ values."""

    name: str
    value: int
    size: int
    binding: str
    kind: str
    section: int


@dataclass(frozen=True, slots=True)
class ObjectFile:
    """A relocatable object under the name of the source it was compiled from."""

    name: str
    sections: tuple[Section, ...]
    symbols: tuple[ObjectSymbol, ...]

    def symbol(self, index: int) -> ObjectSymbol:
        """Return the symbol a relocation names."""
        if index >= len(self.symbols):
            raise LoadError(f"{self.name}: damaged object: a relocation names symbol {index} of {len(self.symbols)}")
        return self.symbols[index]

    def named(self, *names: str) -> Iterator[Section]:
        """Yield the sections of these names."""
        return (section for section in self.sections if section.name in names)

    def with_common(self, index: int) -> ObjectFile:
        """Return the object in which a COMMON symbol (its value is the alignment) has memory of its own."""
        symbol = self.symbols[index]
        align = _checked_align(self.name, symbol.name, symbol.value)
        _check_size(self.name, symbol.name, symbol.size)
        section = Section(".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, b"", symbol.size, align)
        placed = replace(symbol, value=0, section=len(self.sections))
        symbols = (*self.symbols[:index], placed, *self.symbols[index + 1 :])
        return replace(self, sections=(*self.sections, section), symbols=symbols)


def read_object(name: str, data: bytes) -> ObjectFile:
    """Read a relocatable x86-64 object; anything else is a ``LoadError`` that says what it is instead."""
    rows = _section_rows(name, data)
    names = _string_table(name, data, rows, _header(name, data)[13])
    sections = [_section(name, data, row, names) for row in rows]
    symbols: tuple[ObjectSymbol, ...] = ()
    for row in rows:
        if row[1] == SHT_SYMTAB:
            symbols = _symbols(name, data, rows, row)
        elif row[1] in (SHT_REL, SHT_RELA):
            _attach(name, sections, row, _content(name, data, row))
    return ObjectFile(name, tuple(sections), symbols)


_Row = tuple[int, int, int, int, int, int, int, int, int, int]


def _header(name: str, data: bytes) -> tuple[int, ...]:
    if data[:4] != b"\x7fELF":
        raise LoadError(f"{name}: not an ELF object (it starts with {data[:4].hex(' ') or 'nothing'})")
    if len(data) < _HEADER.size:
        raise LoadError(f"{name}: truncated: an ELF header has {_HEADER.size} bytes, the file {len(data)}")
    header = _HEADER.unpack_from(data)
    if header[0][4:6] != b"\x02\x01" or header[2] != _EM_X86_64:
        raise LoadError(f"{name}: not a 64-bit x86 object (machine {header[2]}, class {header[0][4]})")
    if header[1] != _ET_REL:
        raise LoadError(f"{name}: a linked file (type {header[1]}), not a relocatable object: compile with -c")
    return header


def _section_rows(name: str, data: bytes) -> list[_Row]:
    header = _header(name, data)
    offset, entry, count = header[6], header[11], header[12]
    if not count:
        raise LoadError(f"{name}: an object without sections")
    if entry != _SECTION.size or offset + count * entry > len(data):
        raise LoadError(f"{name}: truncated: the section table lies outside the file")
    return [_SECTION.unpack_from(data, offset + index * entry) for index in range(count)]


def _content(name: str, data: bytes, row: _Row) -> bytes:
    if row[1] in (0, SHT_NOBITS):
        return b""
    if row[4] + row[5] > len(data):
        raise LoadError(f"{name}: truncated: a section's content lies outside the file")
    return data[row[4] : row[4] + row[5]]


def _string_table(name: str, data: bytes, rows: list[_Row], index: int) -> bytes:
    if index >= len(rows):
        raise LoadError(f"{name}: damaged object: no string table {index}")
    return _content(name, data, rows[index])


def _string(table: bytes, offset: int) -> str:
    end = table.find(b"\0", offset)
    return table[offset : end if end >= 0 else len(table)].decode("utf-8", "backslashreplace")


def _section(name: str, data: bytes, row: _Row, names: bytes) -> Section:
    title = _string(names, row[0])
    if row[2] & SHF_ALLOC:
        _check_size(name, title, row[5])
        if row[2] & SHF_COMPRESSED:
            raise LoadError(f"{name}: section {title} is compressed and loaded, which no compiler does")
        return Section(title, row[1], row[2], _content(name, data, row), row[5], _checked_align(name, title, row[8]))
    return Section(title, row[1], row[2], _content(name, data, row), row[5], 1)


def _symbols(name: str, data: bytes, rows: list[_Row], row: _Row) -> tuple[ObjectSymbol, ...]:
    table = _content(name, data, row)
    if len(table) % _SYMBOL.size:
        raise LoadError(f"{name}: damaged object: the symbol table has {len(table)} bytes")
    strings = _string_table(name, data, rows, row[6])
    return tuple(_symbol(name, len(rows), strings, entry) for entry in _SYMBOL.iter_unpack(table))


def _symbol(name: str, sections: int, strings: bytes, entry: tuple[int, ...]) -> ObjectSymbol:
    offset, info, _, section, value, size = entry
    title = _string(strings, offset)
    if section >= sections and section not in (SHN_ABS, SHN_COMMON):
        raise LoadError(f"{name}: symbol {title!r} stands in section {section:#x}, which there is not")
    binding, kind = _BINDINGS.get(info >> 4), _KINDS.get(info & 15)
    if binding is None or kind is None:
        raise LoadError(f"{name}: symbol {title!r} is of a kind a kernel does not have (info {info:#x})")
    return ObjectSymbol(title, value, size, binding, kind, section)


def _attach(name: str, sections: list[Section], row: _Row, rela: bytes) -> None:
    target = row[7]
    if target >= len(sections):
        raise LoadError(f"{name}: damaged object: relocations for section {target} of {len(sections)}")
    if row[1] == SHT_REL or len(rela) % _RELA.size:
        raise LoadError(f"{name}: damaged object: relocations of {sections[target].name} are not in RELA form")
    sections[target] = replace(sections[target], rela=sections[target].rela + rela)


def _check_size(name: str, title: str, size: int) -> None:
    if size > _LARGEST:
        raise LoadError(f"{name}: {title} wants {size:#x} bytes; a guest kernel has at most {_LARGEST:#x}")


def _checked_align(name: str, title: str, align: int) -> int:
    if align & (align - 1) or align > _COARSEST:
        raise LoadError(f"{name}: {title} wants alignment {align:#x}; at most a page ({_COARSEST:#x}) can be had")
    return max(align, 1)
