"""Which source line an address comes from: the DWARF line tables of the objects, read when first asked.

In a relocatable object every ``DW_LNE_set_address`` is a zero with a relocation (DWARF 5, 6.2.5.3). The debug
sections are therefore linked like the rest: a text address is final, an offset into another debug section
counts from that section.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from simulator.guest.object import SHF_COMPRESSED, ObjectFile, Section

if TYPE_CHECKING:
    from elftools.dwarf.dwarfinfo import DWARFInfo
    from elftools.dwarf.lineprogram import LineProgram

_WIDTHS: Final = {1: 8, 10: 4, 11: 4}
_COMPRESSION_HEADER: Final = 24
_LARGEST: Final = 16 << 20
_SECTIONS: Final = (
    *("info", "aranges", "abbrev", "frame", "str", "loc", "ranges", "line", "pubtypes", "pubnames", "addr"),
    *("str_offsets", "line_str", "loclists", "rnglists", "sup", "types"),
)


class SourceLine(NamedTuple):
    """A line of a source file, named as in the debug information: ``guest_kernels/minimal/kernel.c``."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Row(NamedTuple):
    """From ``address`` on the code is of this line; None: of no line (the end of a sequence)."""

    address: int
    source: SourceLine | None


@dataclass(frozen=True, slots=True)
class LinkedObject:
    """An object and the final address of each of its symbols, in the order of its symbol table."""

    file: ObjectFile
    values: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    def __contains__(self, address: int) -> bool:
        return any(start <= address < end for start, end in self.spans)


class Lines:
    """Source lines of an image's code; an object's table is read at the first question about its code."""

    __slots__ = ("_objects", "_tables", "folders")

    def __init__(self, objects: Sequence[LinkedObject], folders: Sequence[Path]) -> None:
        self._objects = tuple(objects)
        self._tables: dict[int, tuple[Row, ...]] = {}
        self.folders = tuple(folders)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lines) and (self._objects, self.folders) == (other._objects, other.folders)

    def __hash__(self) -> int:
        return hash((self._objects, self.folders))

    @property
    def objects(self) -> tuple[LinkedObject, ...]:
        """The objects that hold the image's code."""
        return self._objects

    def find(self, address: int) -> SourceLine | None:
        """Return the line of the instruction at ``address``."""
        for index, linked in enumerate(self._objects):
            if address in linked:
                rows = self._table(index)
                found = bisect_right(rows, address, key=lambda row: row.address)
                return rows[found - 1].source if found else None
        return None

    def text(self, source: SourceLine) -> str | None:
        """Return the text of a source line, None when the file is not at hand."""
        for folder in self.folders:
            lines = _read_lines(folder / source.file)
            if source.line <= len(lines):
                return lines[source.line - 1].strip()
        return None

    def dwarf(self) -> Iterator[tuple[str, DWARFInfo]]:
        """Yield the debug information of every object that has some, with the object's name."""
        for linked in self._objects:
            if info := debug_info(linked):
                yield linked.file.name, info

    def _table(self, index: int) -> tuple[Row, ...]:
        if index not in self._tables:
            self._tables[index] = _rows(self._objects[index])
        return self._tables[index]


def _rows(linked: LinkedObject) -> tuple[Row, ...]:
    """Read an object's line table; damaged debug information counts as none."""
    try:
        info = debug_info(linked)
        programs = [info.line_program_for_CU(unit) for unit in info.iter_CUs()] if info else []
        rows = [row for program in programs if program for row in _program_rows(program)]
    except Exception:  # pyelftools raises nearly anything on damaged input
        return ()
    return tuple(sorted(rows, key=lambda row: (row.address, row.source is not None)))


def _program_rows(program: LineProgram) -> Iterator[Row]:
    names = _file_names(program)
    pending: Row | None = None
    for entry in program.get_entries():
        state = entry.state
        if state is None:
            continue
        file = names.get(state.file)
        known = file is not None and state.line and not state.end_sequence
        row = Row(state.address, SourceLine(file, state.line) if known and file else None)
        if pending is not None and pending.address != row.address:
            yield pending
        pending = row
        if state.end_sequence:
            yield row
            pending = None


def _file_names(program: LineProgram) -> dict[int, str]:
    header = program.header
    first = 0 if header["version"] >= 5 else 1
    folders = [_text(folder) for folder in header["include_directory"]]
    names = {}
    for number, entry in enumerate(header["file_entry"], first):
        index = entry["dir_index"] - first
        folder = folders[index] if 0 <= index < len(folders) else "."
        name = _text(entry["name"])
        names[number] = name if folder in ("", ".") or name.startswith("/") else f"{folder}/{name}".removeprefix("./")
    return names


def _text(name: bytes | str) -> str:
    return name if isinstance(name, str) else name.decode("utf-8", "replace")


def debug_info(linked: LinkedObject) -> DWARFInfo | None:
    """Hand pyelftools an object's debug sections, linked; None where there are none."""
    from elftools.dwarf.dwarfinfo import DebugSectionDescriptor, DwarfConfig, DWARFInfo

    found = {section.name: _linked_bytes(linked, section) for section in linked.file.named(*_NAMES)}
    if ".debug_info" not in found or ".debug_line" not in found:
        return None
    sections = {
        f"debug_{name}_sec": DebugSectionDescriptor(BytesIO(data), f".debug_{name}", None, len(data), 0)
        if (data := found.get(f".debug_{name}")) is not None
        else None
        for name in _SECTIONS
    }
    config = DwarfConfig(little_endian=True, machine_arch="x64", default_address_size=8)
    return DWARFInfo(config=config, eh_frame_sec=None, gnu_debugaltlink_sec=None, **sections)


_NAMES: Final = tuple(f".debug_{name}" for name in _SECTIONS)


def _linked_bytes(linked: LinkedObject, section: Section) -> bytes:
    data = bytearray(plain_bytes(section))
    for relocation in section.relocations():
        width = _WIDTHS.get(relocation.kind, 0)
        if relocation.offset + width <= len(data):
            value = linked.values[relocation.symbol] + relocation.addend & (1 << 8 * width) - 1
            data[relocation.offset : relocation.offset + width] = value.to_bytes(width, "little")
    return bytes(data)


def plain_bytes(section: Section) -> bytes:
    """Return a debug section's bytes, decompressed where need be."""
    if not section.flags & SHF_COMPRESSED:
        return section.data
    return zlib.decompressobj().decompress(section.data[_COMPRESSION_HEADER:], _LARGEST)


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
