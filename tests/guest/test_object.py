"""Objects are read as they are, and everything that is not one ends in a single clear error."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.errors import GuestError, LoadError
from simulator.guest.lines import Lines, LinkedObject
from simulator.guest.loader import link
from simulator.guest.object import read_object
from tests.guest.elfwriter import (
    COMMON,
    FUNC,
    NOBITS,
    OBJECT,
    R_64,
    R_PLT32,
    WA,
    WEAK,
    A,
    Name,
    Part,
    write_object,
)

WHOLE = write_object(
    [
        Part(".text.f", bytes.fromhex("e800000000 c3"), relocations=[(1, R_PLT32, "__fentry__", -4)]),
        Part("__mcount_loc", bytes(8), A, relocations=[(0, R_64, "f", 0)]),
        Part(".data", bytes(8), WA, relocations=[(0, R_64, "v", 2)]),
        Part(".bss", b"", WA, NOBITS, size=16),
        Part(".data..percpu", bytes(4), WA),
        Part(".kgr_patch", bytes(16), A, relocations=[(0, R_64, "f", 0), (8, R_64, "f", 0)]),
        Part(".debug_line", bytes(64), 0, relocations=[(8, R_64, "f", 0)]),
        Part(".debug_info", bytes(64), 0),
    ],
    [
        Name("f", ".text.f", 0, 6, kind=FUNC),
        Name("v", ".bss", 8, 4, kind=OBJECT),
        Name("shared", COMMON, 8, 32, kind=OBJECT),
        Name("perhaps", "", 0, 0, WEAK),
        Name("__fentry__"),
    ],
)


def patched(offset: int, data: bytes) -> bytes:
    return WHOLE[:offset] + data + WHOLE[offset + len(data) :]


def test_a_section_is_read_with_its_bytes_and_relocations() -> None:
    section = next(read_object("x.o", WHOLE).named(".text.f"))
    assert section.data == bytes.fromhex("e800000000c3")
    assert [tuple(r) for r in section.relocations()] == [(1, R_PLT32, 5, -4)]


def test_a_symbol_is_read_with_its_place_and_kind() -> None:
    symbol = read_object("x.o", WHOLE).symbols[2]
    assert (symbol.name, symbol.value, symbol.size, symbol.binding, symbol.kind) == (
        "v",
        8,
        4,
        "global",
        "object",
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not an ELF object (it starts with nothing)"),
        (b"#!/bin/sh\n", "not an ELF object (it starts with 23 21 2f 62)"),
        (WHOLE[:40], "truncated: an ELF header has 64 bytes, the file 40"),
        (WHOLE[:-1], "truncated: the section table lies outside the file"),
        (patched(4, b"\1"), "not a 64-bit x86 object (machine 62, class 1)"),
        (patched(18, b"\xb7"), "not a 64-bit x86 object (machine 183, class 2)"),
        (patched(16, b"\2"), "a linked file (type 2), not a relocatable object: compile with -c"),
        (patched(60, b"\0\0"), "an object without sections"),
        (patched(62, b"\x77"), "damaged object: no string table 119"),
    ],
)
def test_a_file_that_is_no_object_is_refused_with_what_it_is(data: bytes, message: str) -> None:
    with pytest.raises(LoadError) as error:
        read_object("x.o", data)
    assert str(error.value) == f"x.o: {message}"


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (Part(".bss", b"", WA, NOBITS, size=1 << 40), ".bss wants 0x10000000000 bytes"),
        (Part(".data", b"x", WA, align=1 << 20), ".data wants alignment 0x100000"),
        (Part(".data", b"x", WA, align=24), ".data wants alignment 0x18"),
        (Part(".data", b"x", WA | 0x800), "section .data is compressed and loaded"),
        (Part(".data", b"x", WA, size=1 << 20), "truncated: a section's content lies outside the file"),
    ],
)
def test_a_section_no_kernel_could_have_is_refused(part: Part, message: str) -> None:
    with pytest.raises(LoadError, match=r"^x\.o: ") as error:
        read_object("x.o", write_object([part]))
    assert message in str(error.value)


def test_a_thread_local_symbol_is_refused() -> None:
    with pytest.raises(LoadError, match="symbol 't' is of a kind a kernel does not have"):
        read_object("x.o", write_object([Part(".tdata", bytes(8), WA)], [Name("t", ".tdata", kind=6)]))


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=8))
@example([(40, 0xFF)])
def test_a_damaged_object_is_linked_or_refused_but_never_more(damage: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for offset, value in damage:
        data[offset] = value
    try:
        obj = read_object("x.o", bytes(data))
        image = link("x", [obj], cpus=1)
    except GuestError as error:
        assert "\n" not in str(error)
    else:
        assert image.source(image.regions[0].start) is None


@given(st.binary(max_size=200))
def test_bytes_after_the_magic_number_are_never_more_than_a_load_error(tail: bytes) -> None:
    with pytest.raises(LoadError):
        read_object("x.o", b"\x7fELF\2\1\1".ljust(16, b"\0") + b"\1\0\x3e\0" + tail)


def test_damaged_debug_information_means_no_source_lines() -> None:
    obj = read_object("x.o", WHOLE)
    lines = Lines([LinkedObject(obj, (0,) * len(obj.symbols), ((0, 6),))], [])
    assert lines.find(0) is None
