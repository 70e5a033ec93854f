"""Addresses are named as the kernel names them, and names are found or the closest ones are listed."""

import pytest

from simulator.errors import UnknownSymbol
from simulator.guest.symbols import Symbol, Symbols, sized_labels

TEXT = 0xFFFFFFFF81000000
BLOCK = 0xFFFF888000000000


def symbol(name: str, address: int, size: int = 0, binding: str = "global", kind: str = "function") -> Symbol:
    return Symbol(name, address, size, binding, kind, "guest_kernels/minimal/kernel.c")


NAMES = Symbols(
    "kernel test",
    [
        symbol("tick", TEXT, 0x1B),
        symbol("tock", TEXT + 0x20, 0x10),
        symbol("inside", TEXT + 0x24, kind="label"),
        symbol("refs", 0x40, 4, kind="object"),
        symbol("patched", 0xFFFFFFFFC1230000, 0x10),
    ],
)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (TEXT, "tick+0x0/0x1b"),
        (TEXT + 0x1A, "tick+0x1a/0x1b"),
        (TEXT + 0x1F, "tick+0x1f/0x1b"),
        (TEXT + 0x24, "tock+0x4/0x10"),
        (TEXT + 0x800, "0xffffffff81000800"),
        (0xFFFF888101000002, "alias:tick+0x2/0x1b"),
        (0xFFFF888201230004, "alias:patched+0x4/0x10"),
        (0xFFFF888101000800, "0xffff888101000800"),
        (BLOCK + 0x40, "refs@cpu0+0x0/0x4"),
        (BLOCK + 0x10042, "refs@cpu1+0x2/0x4"),
        (BLOCK + 0x17FF8, "main_stack@cpu1+0xff8/0x1000"),
        (BLOCK + 0x4000, "#DF_stack@cpu0+0x0/0x1000"),
        (BLOCK + 0x2000, "0xffff888000002000"),
        (0x40, "0x40"),
        (0, "0x0"),
    ],
)
def test_an_address_is_described_by_what_it_lies_in(address: int, text: str) -> None:
    assert NAMES.describe(address) == text


def test_of_two_names_for_one_function_the_global_one_is_printed() -> None:
    names = Symbols("k", [symbol("zz", TEXT, 8), symbol("aa", TEXT, 8, "local")])
    assert names.describe(TEXT + 1) == "zz+0x1/0x8"


def test_a_label_outside_every_function_reaches_to_the_next_name() -> None:
    table = [symbol("idle", TEXT, kind="label"), symbol("f", TEXT + 0x30, 8)]
    names = Symbols("k", sized_labels(table, [(TEXT, TEXT + 0x40)]))
    assert names.describe(TEXT + 0x21) == "idle+0x21/0x30"


def test_a_label_inside_a_function_does_not_hide_it() -> None:
    table = [symbol("f", TEXT, 0x30), symbol("cpu_ready", TEXT + 0x10, kind="label")]
    names = Symbols("k", sized_labels(table, [(TEXT, TEXT + 0x40)]))
    assert names.describe(TEXT + 0x10) == "f+0x10/0x30"


def test_an_unknown_name_lists_the_closest_ones() -> None:
    with pytest.raises(UnknownSymbol, match=r"^no symbol 'tack' in kernel test: did you mean 'tock' or 'tick'\?$"):
        NAMES.by_name("tack")


def test_a_name_nothing_resembles_is_just_unknown() -> None:
    with pytest.raises(UnknownSymbol, match=r"^no symbol 'xyzzy' in kernel test$"):
        NAMES.by_name("xyzzy")


def two_sources(binding: str) -> Symbols:
    first = Symbol("f", TEXT, 8, "local", "function", "guest_kernels/minimal/a.c")
    second = Symbol("f", TEXT + 16, 8, binding, "function", "guest_kernels/minimal/b.c")
    return Symbols("k", [first, second])


def test_a_global_name_goes_before_a_static_one() -> None:
    assert two_sources("global").by_name("f").address == TEXT + 16


def test_a_static_name_of_two_sources_must_say_which() -> None:
    with pytest.raises(UnknownSymbol) as error:
        two_sources("local").by_name("f")
    assert str(error.value) == (
        "2 symbols are called 'f': write one of guest_kernels/minimal/a.c:f, guest_kernels/minimal/b.c:f"
    )


@pytest.mark.parametrize("name", ["a:f", "a.c:f", "minimal/a.c:f", "guest_kernels/minimal/a.c:f"])
def test_a_source_in_front_of_a_name_chooses(name: str) -> None:
    assert two_sources("local").by_name(name).address == TEXT
