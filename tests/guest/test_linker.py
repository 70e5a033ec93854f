"""Names become addresses as the ABI says, and a name that cannot says which object wants it."""

from dataclasses import replace

import pytest

from simulator.errors import LoadError
from simulator.guest.image import Image
from simulator.guest.loader import Module, link
from simulator.guest.object import ObjectFile, read_object
from tests.guest.elfwriter import (
    ABS,
    COMMON,
    FUNC,
    GLOBAL,
    LOCAL,
    NOBITS,
    OBJECT,
    R_32,
    R_32S,
    R_64,
    R_GOTPCREL,
    R_PC32,
    R_PC64,
    R_PLT32,
    WA,
    WEAK,
    A,
    Name,
    Part,
    write_object,
)

TEXT = 0xFFFFFFFF81000000


def make(name: str, parts: list[Part], names: list[Name]) -> ObjectFile:
    return read_object(name, write_object(parts, names))


def linked(part: Part, *names: Name, more: tuple[Part, ...] = ()) -> Image:
    return link("test", [make("a.c", [part, *more], list(names))], cpus=2)


def function(name: str = "f", code: bytes = bytes(16), binding: int = GLOBAL) -> tuple[Part, Name]:
    return Part(f".text.{name}", code), Name(name, f".text.{name}", 0, len(code), binding, FUNC)


def value(kind: int, symbol: Name, addend: int, width: int, *more: Part) -> int:
    part = Part(".text", bytes(16), relocations=[(4, kind, symbol.name, addend)])
    image = linked(part, symbol, more=more)
    return int.from_bytes(image.read(TEXT + 4, width), "little")


@pytest.mark.parametrize(
    ("kind", "width", "expected"),
    [
        (R_64, 8, TEXT + 8 + 3),
        (R_32S, 4, (TEXT + 8 + 3) & 0xFFFFFFFF),
        (R_PC32, 4, 8 + 3 - 4),
        (R_PLT32, 4, 8 + 3 - 4),
        (R_PC64, 8, 8 + 3 - 4),
    ],
)
def test_a_relocation_is_written_as_the_abi_says(kind: int, width: int, expected: int) -> None:
    assert value(kind, Name("s", ".text", 8), 3, width) == expected


def test_a_constant_is_its_own_address() -> None:
    assert value(R_32, Name("k", ABS, 0xFFFF0000), 1, 4) == 0xFFFF0001


def test_an_undefined_weak_symbol_is_zero() -> None:
    assert value(R_64, Name("maybe", binding=WEAK), 0, 8) == 0


def test_an_absolute_reference_to_a_per_cpu_variable_is_its_offset_in_the_block() -> None:
    assert value(R_32S, Name("v", ".data..percpu", 8), 0, 4, Part(".data..percpu", bytes(16), WA)) == 0x1008


def test_a_rip_relative_reference_to_a_per_cpu_variable_wraps_to_its_offset() -> None:
    shared = Part(".data..percpu..shared_aligned", bytes(16), WA, align=64)
    displacement = value(R_PC32, Name("v", shared.name, 8), -4, 4, shared)
    assert (TEXT + 8 + displacement) & 0xFFFFFFFFFFFFFFFF == 0x48


@pytest.mark.parametrize(("kind", "name"), [(R_32, "R_X86_64_32"), (R_32S, "R_X86_64_32S")])
def test_a_relocation_that_cannot_reach_is_refused(kind: int, name: str) -> None:
    part = Part(".text", bytes(8), relocations=[(0, kind, "far", 0)])
    with pytest.raises(LoadError) as error:
        linked(part, Name("far", ABS, 0xFFFF888000000000))
    expected = f"a.c: {name} at .text+0x0 cannot reach 0xffff888000000000: compile with -mcmodel=kernel -fno-pic"
    assert str(error.value) == expected


@pytest.mark.parametrize(("kind", "cure"), [(R_GOTPCREL, ": compile with -fno-pic -fno-pie"), (12, "")])
def test_an_unsupported_relocation_is_refused_with_the_cure(kind: int, cure: str) -> None:
    with pytest.raises(LoadError) as error:
        linked(Part(".text", bytes(8), relocations=[(2, kind, "s", 0)]), Name("s", ".text"))
    assert str(error.value) == f"a.c: unsupported relocation type {kind} at .text+0x2{cure}"


def test_an_undefined_symbol_names_the_object_the_section_and_what_is_close() -> None:
    near, name = function("counter_tick")
    with pytest.raises(LoadError) as error:
        linked(
            Part(".text.g", bytes(8), relocations=[(1, R_PLT32, "counter_tock", -4)]),
            Name("counter_tock"),
            name,
            more=(near,),
        )
    expected = "a.c: undefined symbol 'counter_tock', used in .text.g: did you mean 'counter_tick'?"
    assert str(error.value) == expected


def test_two_global_definitions_name_both_objects() -> None:
    part, name = function()
    with pytest.raises(LoadError, match=r"^'f' is defined twice: in a\.c and in b\.c$"):
        link("test", [make("a.c", [part], [name]), make("b.c", [part], [name])], cpus=1)


@pytest.mark.parametrize("weak_first", [True, False])
def test_a_global_definition_overrides_a_weak_one_and_its_name(weak_first: bool) -> None:
    part, name = function()
    weak = make("weak.c", [part], [replace(name, binding=WEAK)])
    strong = make("strong.c", [part], [name])
    image = link("test", [weak, strong] if weak_first else [strong, weak], cpus=1)
    assert [symbol.object for symbol in image.symbols] == ["strong.c"]


def test_static_names_do_not_meet_across_objects() -> None:
    objects = []
    for source, byte in (("a.c", 1), ("b.c", 2)):
        part = Part(".rodata", bytes(8), A, relocations=[(0, R_64, "v", 0)])
        names = [Name("v", ".data", 0, 1, LOCAL, OBJECT)]
        objects.append(make(source, [part, Part(".data", bytes([byte]), WA)], names))
    image = link("test", objects, cpus=1)
    start = next(region.start for region in image.regions if region.name == "kernel rodata")
    pointers = [int.from_bytes(image.read(start + at, 8), "little") for at in (0, 16)]
    assert [image.read(pointer, 1) for pointer in pointers] == [b"\1", b"\2"]


def test_common_symbols_of_one_name_share_the_largest_size() -> None:
    objects = []
    for source, size in (("a.c", 4), ("b.c", 16)):
        part = Part(f".text.{source[0]}", bytes(8), relocations=[(0, R_64, "v", 0)])
        objects.append(make(source, [part], [Name("v", COMMON, 8, size, kind=OBJECT)]))
    image = link("test", objects, cpus=1)
    symbol = image.symbols.by_name("v")
    assert (symbol.size, image.read(TEXT, 8), image.read(TEXT + 16, 8)) == (
        16,
        symbol.address.to_bytes(8, "little"),
        symbol.address.to_bytes(8, "little"),
    )


def test_a_definition_overrides_a_common_symbol() -> None:
    common = make("a.c", [], [Name("v", COMMON, 8, 8, kind=OBJECT)])
    defined = make("b.c", [Part(".data", b"\7" * 8, WA)], [Name("v", ".data", 0, 8, kind=OBJECT)])
    image = link("test", [common, defined], cpus=1)
    assert image.read(image.address("v"), 1) == b"\7"


def test_a_reference_to_a_section_that_is_not_loaded_is_refused() -> None:
    part = Part(".text", bytes(8), relocations=[(0, R_64, "n", 0)])
    with pytest.raises(LoadError, match=r"^a\.c: \.text refers to section \.note\.x, which is not loaded$"):
        linked(part, Name("n", ".note.x"), more=(Part(".note.x", bytes(4), A),))


def test_a_relocation_outside_its_section_is_refused() -> None:
    with pytest.raises(LoadError, match=r"^a\.c: damaged object: a relocation lies outside \.text$"):
        linked(Part(".text", bytes(8), relocations=[(6, R_32S, "s", 0)]), Name("s", ".text"))


def module(name: str, *names: Name, target: str = "f") -> Module:
    part = Part(".text.new", bytes(16), relocations=[(0, R_64, target, 0)])
    parts = [part, *(Part(n.section, bytes(16)) for n in names if n.section)]
    wanted = [] if any(n.name == target for n in names) else [Name(target)]
    symbols = [Name("new", ".text.new", 0, 16, LOCAL, FUNC), *names, *wanted]
    return Module(name, (make(f"{name}.c", parts, symbols),))


def first_word(image: Image, symbol: str) -> int:
    return int.from_bytes(image.read(image.address(symbol), 8), "little")


def test_a_module_may_refer_to_a_static_function_of_the_kernel() -> None:
    part, name = function(binding=LOCAL)
    image = link("test", [make("a.c", [part], [name])], [module("fix")], cpus=1)
    assert first_word(image, "new") == image.address("f")


def test_a_module_cannot_mean_one_of_two_static_functions() -> None:
    part, name = function(binding=LOCAL)
    objects = [make(source, [part], [name]) for source in ("a.c", "b.c")]
    with pytest.raises(LoadError) as error:
        link("test", objects, [module("fix")], cpus=1)
    assert str(error.value) == (
        "fix.c: 'f' is a static name of 2 sources: a.c, b.c; a patch can only mean a name that one source has"
    )


def test_a_module_sees_its_own_definition_before_the_kernels() -> None:
    part, name = function()
    own = Name("f", ".text.f", 0, 16, GLOBAL, FUNC)
    image = link("test", [make("a.c", [part], [name])], [module("fix", own)], cpus=1)
    assert first_word(image, "new") == image.address("fix.c:f") != image.address("a.c:f")


def test_the_kernel_does_not_see_a_modules_names() -> None:
    part = Part(".text.f", bytes(16), relocations=[(0, R_64, "helper", 0)])
    kernel = make("a.c", [part], [Name("f", ".text.f", 0, 16, GLOBAL, FUNC), Name("helper")])
    helper = Name("helper", ".text.helper", 0, 16, GLOBAL, FUNC)
    with pytest.raises(LoadError, match=r"^a\.c: undefined symbol 'helper'"):
        link("test", [kernel], [module("fix", helper)], cpus=1)


def test_bss_takes_memory_and_reads_as_zero() -> None:
    bss = Part(".bss", b"", WA, NOBITS, size=0x1800, align=32)
    image = linked(Part(".text", b"\xc3"), Name("b", ".bss", 0x17F8, 8, kind=OBJECT), more=(bss,))
    region = image.region(image.address("b"))
    assert region is not None
    assert (region.name, region.end - region.start, image.read(image.address("b"), 8)) == (
        "kernel bss",
        0x2000,
        bytes(8),
    )
