"""Relocatable objects written by hand, so that a test needs no compiler and can get every byte wrong."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

LOCAL, GLOBAL, WEAK = 0, 1, 2
NOTYPE, OBJECT, FUNC, SECTION = 0, 1, 2, 3
PROGBITS, NOBITS = 1, 8
A, WA, AX = 0x2, 0x3, 0x6
UNDEF, ABS, COMMON = "", "*ABS*", "*COM*"

R_64, R_PC32, R_PLT32, R_32, R_32S, R_PC64, R_GOTPCREL = 1, 2, 4, 10, 11, 24, 9


@dataclass
class Part:
    """A section: its bytes (or its size), and relocations as (offset, type, symbol name, addend)."""

    name: str
    data: bytes = b""
    flags: int = AX
    kind: int = PROGBITS
    size: int | None = None
    align: int = 16
    relocations: Sequence[tuple[int, int, str, int]] = ()


@dataclass
class Name:
    """A symbol: where it is (a section's name, or UNDEF, ABS, COMMON), its value, size, binding and type."""

    name: str
    section: str = UNDEF
    value: int = 0
    size: int = 0
    binding: int = GLOBAL
    kind: int = NOTYPE


@dataclass
class Strings:
    """A string table being filled."""

    data: bytearray = field(default_factory=lambda: bytearray(1))

    def add(self, text: str) -> int:
        """Return the offset of a string, appended."""
        offset = len(self.data)
        self.data += text.encode() + b"\0"
        return offset


def write_object(parts: Sequence[Part], names: Sequence[Name] = ()) -> bytes:
    """Return an ELF64 relocatable x86-64 object of these sections and symbols."""
    strings = Strings()
    index = {UNDEF: 0, ABS: 0xFFF1, COMMON: 0xFFF2} | {part.name: i for i, part in enumerate(parts, 1)}
    symbols = bytearray(24)
    numbers: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        numbers.setdefault(name.name, number)
        info = name.binding << 4 | name.kind
        place = (index[name.section], name.value, name.size)
        symbols += struct.pack("<IBBHQQ", strings.add(name.name), info, 0, *place)
    sections = [(part.name, part.kind, part.flags, part.data, part.size, 0, 0, part.align) for part in parts]
    for position, part in enumerate(parts, 1):
        if part.relocations:
            rela = b"".join(
                struct.pack("<QQq", offset, numbers[symbol] << 32 | kind, addend)
                for offset, kind, symbol, addend in part.relocations
            )
            sections.append((f".rela{part.name}", 4, 0, rela, None, len(parts) + 1, position, 8))
    sections.insert(len(parts), (".symtab", 2, 0, bytes(symbols), None, len(parts) + 2, 1, 8))
    sections.insert(len(parts) + 1, (".strtab", 3, 0, b"", None, 0, 0, 1))
    return _assemble(sections, strings)


def _assemble(sections: list[tuple[str, int, int, bytes, int | None, int, int, int]], strings: Strings) -> bytes:
    offsets = [strings.add(section[0]) for section in sections]
    body = bytearray(64)
    rows = bytearray(64)
    for offset, (name, kind, flags, data, size, link, info, align) in zip(offsets, sections, strict=True):
        content = bytes(strings.data) if name == ".strtab" else data
        length = len(content) if size is None else size
        rows += struct.pack("<IIQQQQIIQQ", offset, kind, flags, 0, len(body), length, link, info, align, 0)
        body += content
    table = len(body)
    names = 1 + next(i for i, section in enumerate(sections) if section[0] == ".strtab")
    head = (
        b"\x7fELF\2\1\1".ljust(16, b"\0"),
        1,
        62,
        1,
        0,
        0,
        table,
        0,
        64,
        0,
        0,
        64,
        len(sections) + 1,
        names,
    )
    body[:64] = struct.pack("<16sHHIQQQIHHHHHH", *head)
    return bytes(body + rows)
