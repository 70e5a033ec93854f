"""An image is a value: poking makes another one, generated code gets a name, addresses are found."""

import pickle
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import LoadError
from simulator.guest.image import Image
from simulator.guest.loader import link
from simulator.guest.object import read_object
from simulator.machine.memory import BootImage
from tests.guest.elfwriter import FUNC, GLOBAL, NOBITS, OBJECT, WA, Name, Part, write_object

TEXT = 0xFFFFFFFF81000000
PATCHER = 0xFFFFFFFFA0000000


def make_image() -> Image:
    parts = [
        Part(".text.f", b"\xc3" * 16),
        Part(".data", bytes(range(16)), WA),
        Part(".bss", b"", WA, NOBITS, size=0x2000),
        Part(".data..percpu", b"\5" * 8, WA),
    ]
    names = [
        Name("f", ".text.f", 0, 16, GLOBAL, FUNC),
        Name("word", ".data", 8, 8, GLOBAL, OBJECT),
        Name("zero", ".bss", 0, 0x2000, GLOBAL, OBJECT),
        Name("mine", ".data..percpu", 0, 8, GLOBAL, OBJECT),
    ]
    return link("test", [read_object("a.c", write_object(parts, names))], cpus=2)


IMAGE = make_image()


def test_poking_returns_another_image_and_leaves_the_first() -> None:
    other = IMAGE.poke("word", b"\xff")
    assert (IMAGE.read(IMAGE.address("word"), 2), other.read(IMAGE.address("word"), 2)) == (
        b"\x08\x09",
        b"\xff\x09",
    )


def test_poking_with_an_offset_writes_behind_the_symbol() -> None:
    assert IMAGE.poke("word", b"\xff", 3).read(IMAGE.address("word") + 2, 3) == b"\x0a\xff\x0c"


def test_poking_zeroed_memory_gives_it_contents() -> None:
    assert IMAGE.poke("zero", b"\1", 0x1FFF).read(IMAGE.address("zero+0x1ffe"), 2) == b"\0\1"


def test_poking_the_alias_changes_the_text() -> None:
    assert IMAGE.poke(0xFFFF888101000001, b"\xcc").read(TEXT, 3) == b"\xc3\xcc\xc3"


def test_poking_a_per_cpu_variable_changes_it_on_every_cpu() -> None:
    image = IMAGE.poke("mine", b"\1")
    assert [image.read(image.address("mine", cpu), 2) for cpu in (0, 1)] == [b"\1\5", b"\1\5"]


def test_poking_a_per_cpu_variable_of_one_cpu_leaves_the_others() -> None:
    image = IMAGE.poke("mine", b"\1", cpu=1)
    assert [image.read(image.address("mine", cpu), 1) for cpu in (0, 1)] == [b"\5", b"\1"]


@pytest.mark.parametrize(("where", "offset", "name"), [(0x1234, 0, "0x1234"), ("zero", 0x1FFF, r"zero\+0x1fff/0x2000")])
def test_poking_outside_of_memory_is_refused(where: str | int, offset: int, name: str) -> None:
    with pytest.raises(LoadError, match=rf"^no room for 2 bytes at {name}: not guest memory$"):
        IMAGE.poke(where, b"\1\1", offset)


@given(st.lists(st.tuples(st.integers(0, 40), st.binary(min_size=1, max_size=9)), max_size=12))
def test_pokes_add_up_as_writes_to_memory_do(pokes: list[tuple[int, bytes]]) -> None:
    image, plain = IMAGE, bytearray(64)
    for offset, data in pokes:
        image = image.poke("zero", data, offset)
        plain[offset : offset + len(data)] = data
    boot = BootImage(image.regions, image.contents)
    start = image.address("zero")
    assert boot.read(start, 64) == image.read(start, 64) == bytes(plain)
    ends = [(base, base + len(chunk)) for base, chunk in image.contents]
    assert all(low[1] <= high[0] for low, high in pairwise(ends))


@pytest.mark.parametrize(
    ("text", "address"), [("f", TEXT), ("f+0x4", TEXT + 4), ("f+0x4/0x10", TEXT + 4), ("0x10+2", 18), (7, 7)]
)
def test_an_address_may_be_written_in_several_ways(text: str | int, address: int) -> None:
    assert IMAGE.address(text) == address


@pytest.mark.parametrize("text", ["f+four", "0xzz"])
def test_an_offset_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(LoadError, match=r"is not a number: write an address as 0x\.\.\. or symbol\+0x\.\.\.$"):
        IMAGE.address(text)


def test_a_per_cpu_variable_has_no_address_without_a_cpu() -> None:
    with pytest.raises(LoadError, match=r"^mine is a per-CPU variable: say which CPU's \(0 to 1\)$"):
        IMAGE.address("mine")


def test_a_cpu_the_image_does_not_have_is_refused() -> None:
    with pytest.raises(LoadError, match=r"^there is no vCPU 2: the image has 2$"):
        IMAGE.address("mine", 2)


def test_generated_code_is_named_in_traces() -> None:
    image = IMAGE.with_code("patcher", PATCHER, b"\x90" * 0x20, {"done": PATCHER + 0x1F})
    assert (image.symbols.describe(PATCHER + 0x12), image.address("done"), image.read(PATCHER, 1)) == (
        "patcher+0x12/0x20",
        PATCHER + 0x1F,
        b"\x90",
    )


def test_generated_code_replaces_the_names_of_what_was_there() -> None:
    image = IMAGE.with_code("first", PATCHER, bytes(8), {}).with_code("second", PATCHER, bytes(8), {})
    assert "first" not in image.symbols


def test_an_image_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(IMAGE)) == IMAGE
