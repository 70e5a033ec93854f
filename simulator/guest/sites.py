"""Where the compiler left room to patch a function: mcount sites and patchable entries.

With ``-pg -mfentry`` every function starts with ``call __fentry__``, behind ENDBR64 where there is one. The
kernel turns each of these calls into a 5-byte NOP at boot (``ftrace_init()``, ``kernel/trace/ftrace.c``), and
so does the loader. gcc's ``-mrecord-mcount`` lists the calls in ``__mcount_loc``; clang does not, and then
the relocations against ``__fentry__`` are the list. With ``-fpatchable-function-entry`` the section
``__patchable_function_entries`` lists rows of NOPs, which stay as the compiler wrote them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from simulator.errors import LoadError
from simulator.guest.object import SHN_LORESERVE, SHN_UNDEF, ObjectFile
from simulator.x86.encode import CALL_REL32_SIZE, ENDBR64, NOP5

FENTRY: Final = "__fentry__"
MCOUNT: Final = "mcount"
PATCHABLE: Final = "patchable"
TABLES: Final = ("__mcount_loc", "__patchable_function_entries")

_CALL: Final = 0xE8
_BRANCHES: Final = (2, 4)
_ADDRESS: Final = 1


@dataclass(frozen=True, slots=True)
class FunctionSite:
    """Room to patch ``function`` at ``address``; ``kind`` is ``mcount`` (one NOP) or ``patchable``."""

    function: str
    address: int
    kind: str


class ObjectSite(NamedTuple):
    """A site before its section has an address."""

    section: int
    offset: int
    kind: str


def find_sites(obj: ObjectFile) -> tuple[ObjectSite, ...]:
    """Return the sites of an object, in the order of their places."""
    recorded = [ObjectSite(*place, MCOUNT) for place in _table(obj, TABLES[0])]
    calls = _fentry_calls(obj)
    mcount = recorded or [ObjectSite(*place, MCOUNT) for place in sorted(calls)]
    for site in mcount:
        _check_mcount(obj, site, calls)
    return tuple(sorted({*mcount, *(ObjectSite(*place, PATCHABLE) for place in _table(obj, TABLES[1]))}))


def calls_fentry(obj: ObjectFile, symbol: int) -> bool:
    """Whether a relocation's symbol is the tracer's entry, which no guest kernel defines."""
    return obj.symbol(symbol).name == FENTRY


def without_calls(data: bytearray, offsets: Iterable[int]) -> None:
    """Turn the calls at ``offsets`` of a section into the 5-byte NOP, as the kernel does at boot."""
    for offset in offsets:
        data[offset : offset + len(NOP5)] = NOP5


def entry_offset(obj: ObjectFile, sites: Iterable[ObjectSite], section: int, start: int, size: int) -> int:
    """Return where in its section a function is patched: at its site, else behind its ENDBR64."""
    for site in sites:
        if site.section == section and start <= site.offset < start + max(size, 1):
            return site.offset
    padded = obj.sections[section].data[start : start + len(ENDBR64)] == ENDBR64
    return start + len(ENDBR64) * padded


def _table(obj: ObjectFile, name: str) -> Iterator[tuple[int, int]]:
    for section in obj.named(name):
        for relocation in section.relocations():
            symbol = obj.symbol(relocation.symbol)
            offset = symbol.value + relocation.addend
            known = SHN_UNDEF < symbol.section < SHN_LORESERVE and relocation.kind == _ADDRESS
            if not known or not 0 <= offset < len(obj.sections[symbol.section].data):
                raise LoadError(f"{obj.name}: damaged object: {name} lists a place outside every function")
            yield symbol.section, offset


def _fentry_calls(obj: ObjectFile) -> frozenset[tuple[int, int]]:
    return frozenset(
        (index, relocation.offset - 1)
        for index, section in enumerate(obj.sections)
        if section.executable and section.loaded
        for relocation in section.relocations()
        if relocation.kind in _BRANCHES and calls_fentry(obj, relocation.symbol)
    )


def _check_mcount(obj: ObjectFile, site: ObjectSite, calls: frozenset[tuple[int, int]]) -> None:
    section = obj.sections[site.section]
    code = section.data[site.offset : site.offset + CALL_REL32_SIZE] if site.offset >= 0 else b""
    called = code[:1] == bytes([_CALL]) and site[:2] in calls
    if len(code) != CALL_REL32_SIZE or not (called or code == NOP5):
        raise LoadError(
            f"{obj.name}: the site at {section.name}+{site.offset:#x} holds {code.hex(' ') or 'nothing'}, "
            "neither `call __fentry__` nor the 5-byte NOP: compile with -mfentry -fno-pic"
        )
