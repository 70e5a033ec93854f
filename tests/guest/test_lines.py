"""Every instruction knows its source line: from gcc, clang and zig, in C and assembly, placed anywhere."""

import sys
from pathlib import Path

import pytest

from simulator.guest.image import Image
from simulator.guest.layout import Placement
from simulator.guest.loader import link
from simulator.guest.object import read_object
from simulator.guest.toolchain import KernelConfig, Source, compile_object
from tests.guest.conftest import compiler_or_skip

HEADER = """static inline __attribute__((always_inline)) int twice(int x)
{
	return __builtin_bswap32(x);
}
"""
SOURCE = """#include "twice.h"
int first(int x)
{
	return x * 13;
}

int second(int x)
{
	return twice(x);
}
"""
ASSEMBLY = """	.text
	.globl	idle
idle:	hlt
	jmp	idle
"""
COMPILERS = ["gcc", "clang", f"{sys.executable} -m ziglang cc"]


@pytest.fixture(params=COMPILERS, ids=["gcc", "clang", "zig"])
def image(request: pytest.FixtureRequest, tmp_path: Path) -> Image:
    compiler = compiler_or_skip(request.param)
    (tmp_path / "mine").mkdir()
    for name, text in (("twice.h", HEADER), ("a.c", SOURCE), ("b.S", ASSEMBLY)):
        (tmp_path / "mine" / name).write_text(text)
    flags = KernelConfig().flags(compiler.kind)
    sources = [Source(tmp_path, f"mine/{name}") for name in ("a.c", "b.S")]
    objects = [read_object(s.name, compile_object(s, compiler, flags).data) for s in sources]
    return link("mine", objects, cpus=1, placements={"first": Placement(0x3D, 64)}, folders=[tmp_path])


def test_the_entry_of_a_function_is_on_its_first_line(image: Image) -> None:
    assert [image.source(image.address(name)) for name in ("first", "second")] == ["mine/a.c:3", "mine/a.c:8"]


def test_an_inlined_instruction_is_on_the_headers_line(image: Image) -> None:
    lines = {image.source(image.address("second") + offset) for offset in range(12)}
    assert "mine/twice.h:3" in lines


def test_an_instruction_in_assembly_has_its_line_and_text(image: Image) -> None:
    address = image.address("idle+1")
    assert (image.source(address), image.source_text(address)) == ("mine/b.S:4", "jmp	idle")


def test_an_instruction_in_c_has_its_text(image: Image) -> None:
    texts = {image.source_text(image.address("first") + offset) for offset in range(12)}
    assert "return x * 13;" in texts


def test_an_address_in_the_alias_has_the_line_of_the_text(image: Image) -> None:
    delta = 0xFFFF888101000000 - 0xFFFFFFFF81000000
    assert image.source(image.address("second") + delta) == "mine/a.c:8"


def test_an_address_outside_the_text_has_no_line(image: Image) -> None:
    assert image.source(0xFFFFFFFFA0000000) is None


def test_a_line_of_a_file_that_is_gone_has_no_text(image: Image) -> None:
    (image.lines.folders[0] / "mine" / "b.S").unlink()
    assert (image.source(image.address("idle")), image.source_text(image.address("idle"))) == (
        "mine/b.S:3",
        None,
    )


def test_the_debug_information_of_an_object_can_be_walked(image: Image) -> None:
    found = {}
    for name, info in image.lines.dwarf():
        units = list(info.iter_CUs())
        found[name] = {die.tag for unit in units for die in unit.iter_DIEs()}
    assert "DW_TAG_subprogram" in found["mine/a.c"]
