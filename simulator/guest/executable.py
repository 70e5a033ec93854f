"""A linked guest as an ELF executable with symbols and debug information, for debuggers.

Memory is that of the image before boot. The debug sections of the objects are joined as a linker joins them: text
addresses are final already (``lines``), and what refers to another debug section counts from the start of the joined
one. Per-CPU variables keep their offset in a CPU's block as their value, as in a kernel's ``vmlinux``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from simulator.guest.image import Image
from simulator.guest.lines import LinkedObject, plain_bytes
from simulator.guest.object import SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHN_ABS, SHT_PROGBITS, SHT_SYMTAB, Section
from simulator.guest.symbols import Symbol
from simulator.machine.memory import Access, Region

_HEADER: Final = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT: Final = struct.Struct("<IIQQQQQQ")
_SECTION: Final = struct.Struct("<IIQQQQIIQQ")
_SYMBOL: Final = struct.Struct("<IBBHQQ")
_IDENT: Final = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
_ET_EXEC, _EM_X86_64, _PT_LOAD, _SHT_STRTAB = 2, 62, 1, 3
_KINDS: Final = {"label": 0, "object": 1, "function": 2}
_BINDINGS: Final = {"local": 0, "global": 1, "weak": 2}
_WIDTHS: Final = {1: 8, 10: 4, 11: 4}
_NAMES: Final = {"kernel text": ".text", "kernel rodata": ".rodata", "kernel data": ".data", "kernel bss": ".bss"}
_DEBUG: Final = ".debug_"
_ALIGN: Final = 4096


@dataclass(frozen=True, slots=True)
class _Part:
    """A section of the file."""

    name: str
    data: bytes
    kind: int = SHT_PROGBITS
    flags: int = 0
    address: int = 0
    link: int = 0
    info: int = 0
    entry: int = 0


def executable(image: Image, labels: Iterable[Symbol] = ()) -> bytes:
    """Return the bytes of the file; ``labels`` are names besides the image's own."""
    loaded = [_loaded(image, region) for region in image.regions if region.alias_of is None]
    debug = [_Part(name, data) for name, data in joined(image.lines.objects).items()]
    parts = [*loaded, *debug]
    table, strings, local = _symbols(_ordered([*image.symbols, *labels]), loaded)
    parts.append(_Part(".symtab", table, SHT_SYMTAB, link=len(parts) + 2, info=local, entry=_SYMBOL.size))
    parts.append(_Part(".strtab", strings, _SHT_STRTAB))
    return _file(image.address("startup_64"), parts)


# memory --------------------------------------------------------------------------------------------------


def _loaded(image: Image, region: Region) -> _Part:
    flags = SHF_ALLOC
    flags |= SHF_WRITE if region.access & Access.WRITE else 0
    flags |= SHF_EXECINSTR if region.access & Access.EXECUTE else 0
    name = _NAMES.get(region.name, "." + region.name.replace(" ", "."))
    return _Part(name, image.read(region.start, region.end - region.start), flags=flags, address=region.start)


# debug information ---------------------------------------------------------------------------------------


def joined(objects: Sequence[LinkedObject]) -> dict[str, bytes]:
    """Return the debug sections of all objects, one after another, by name."""
    whole: dict[str, bytearray] = {}
    starts: dict[tuple[int, int], int] = {}
    for index, linked in enumerate(objects):
        for number, section in enumerate(linked.file.sections):
            if section.name.startswith(_DEBUG):
                data = whole.setdefault(section.name, bytearray())
                data.extend(bytes(-len(data) % 8) if section.name == ".debug_frame" else b"")
                starts[index, number] = len(data)
                data.extend(plain_bytes(section))
    for (index, number), start in starts.items():
        section = objects[index].file.sections[number]
        for offset, value, width in _relocated(objects[index], section, index, starts):
            at = start + offset
            whole[section.name][at : at + width] = (value & (1 << 8 * width) - 1).to_bytes(width, "little")
    return {name: bytes(data) for name, data in whole.items()}


def _relocated(
    linked: LinkedObject, section: Section, index: int, starts: dict[tuple[int, int], int]
) -> Iterator[tuple[int, int, int]]:
    for relocation in section.relocations():
        symbol = linked.file.symbol(relocation.symbol)
        base = starts.get((index, symbol.section))
        value = linked.values[relocation.symbol] if base is None else base + symbol.value
        width = _WIDTHS.get(relocation.kind, 0)
        if width:
            yield relocation.offset, value + relocation.addend, width


# symbols -------------------------------------------------------------------------------------------------


def _ordered(symbols: Sequence[Symbol]) -> list[Symbol]:
    """Put local symbols first, as the format demands."""
    return sorted(symbols, key=lambda symbol: symbol.binding != "local")


def _symbols(symbols: Sequence[Symbol], loaded: Sequence[_Part]) -> tuple[bytes, bytes, int]:
    """Return the symbol table, its strings, and the number of the first symbol that is not local."""
    rows, strings = [bytes(_SYMBOL.size)], bytearray(b"\0")
    for symbol in symbols:
        info = _BINDINGS[symbol.binding] << 4 | _KINDS.get(symbol.kind, 0)
        section = _section_of(symbol.address, loaded)
        rows.append(_SYMBOL.pack(len(strings), info, 0, section, symbol.address, symbol.size))
        strings += symbol.name.encode() + b"\0"
    local = 1 + sum(symbol.binding == "local" for symbol in symbols)
    return b"".join(rows), bytes(strings), local


def _section_of(address: int, loaded: Sequence[_Part]) -> int:
    for number, part in enumerate(loaded, 1):
        if part.address <= address < part.address + len(part.data):
            return number
    return SHN_ABS


# the file ------------------------------------------------------------------------------------------------


def _file(entry: int, parts: Sequence[_Part]) -> bytes:
    """Put the header, the segments, the sections and their table one behind the other."""
    names = bytearray(b"\0")
    offsets, body = [], bytearray()
    segments = [part for part in parts if part.flags & SHF_ALLOC]
    start = -(-(_HEADER.size + _SEGMENT.size * len(segments)) // _ALIGN) * _ALIGN
    named = [*parts, _Part(".shstrtab", b"", _SHT_STRTAB)]
    titles = []
    for part in named:
        titles.append(len(names))
        names += part.name.encode() + b"\0"
    named[-1] = _Part(".shstrtab", bytes(names), _SHT_STRTAB)
    for part in named:
        body += bytes(-len(body) % (_ALIGN if part.flags & SHF_ALLOC else 8))
        offsets.append(start + len(body))
        body += part.data
    body += bytes(-len(body) % 8)
    header = _HEADER.pack(
        _IDENT, _ET_EXEC, _EM_X86_64, 1, entry, _HEADER.size, start + len(body), 0, _HEADER.size, _SEGMENT.size,
        len(segments), _SECTION.size, len(named) + 1, len(named),
    )  # fmt: skip
    where = dict(zip(map(id, named), offsets, strict=True))
    rows = b"".join(_segment(part, where[id(part)]) for part in segments)
    table = bytes(_SECTION.size) + b"".join(
        _SECTION.pack(
            title, part.kind, part.flags, part.address, at, len(part.data), part.link, part.info, 8, part.entry
        )
        for part, at, title in zip(named, offsets, titles, strict=True)
    )
    return (header + rows).ljust(start, b"\0") + bytes(body) + table


def _segment(part: _Part, offset: int) -> bytes:
    rights = 4 | (2 if part.flags & SHF_WRITE else 0) | (1 if part.flags & SHF_EXECINSTR else 0)
    size = len(part.data)
    return _SEGMENT.pack(_PT_LOAD, rights, offset, part.address, part.address, size, size, _ALIGN)
