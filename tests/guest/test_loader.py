"""What is mapped before the first instruction: regions, sites turned into NOPs, per-CPU blocks, patches."""

from itertools import pairwise

import pytest

from simulator.errors import LoadError, UnknownSymbol
from simulator.guest.image import Image
from simulator.guest.layout import Placement
from simulator.guest.loader import Module, link
from simulator.guest.object import ObjectFile, read_object
from simulator.guest.toolchain import KernelConfig
from simulator.machine.memory import Access
from tests.guest.conftest import Compile
from tests.guest.elfwriter import FUNC, GLOBAL, R_64, R_PLT32, WA, A, Name, Part, write_object

TEXT = 0xFFFFFFFF81000000
MODULE = 0xFFFFFFFFC1230000
CALL = bytes.fromhex("e800000000 c3")
NOP5 = "0f 1f 44 00 00"
READ_WRITE = Access.READ | Access.WRITE

KERNEL = """
static int calls;
int table[2] = {1, 2};
const int limit = 7;
__attribute__((section(".data..ro_after_init"))) int (*handler)(int) = 0;
__attribute__((section(".data..percpu"))) int mine = 5;
__attribute__((section(".data..percpu..shared_aligned"), aligned(64))) int ours = 6;
__attribute__((noipa)) static int hidden(int x) { return x + calls++; }
__attribute__((noipa)) int answer(int x) { return hidden(x) + table[x & 1] + limit; }
__attribute__((no_instrument_function, patchable_function_entry(0, 0))) int caller(void) { return answer(1); }
"""
PATCH = """
struct pair { const void *old_function, *new_function; };
extern int hidden(int x);
int answer(int x);
int answer_fixed(int x) { return hidden(x) + 1; }
static const struct pair pair
    __attribute__((used, section(".kgr_patch"))) = { answer, answer_fixed };
"""


def function(name: str, code: bytes = CALL, fentry: bool = True) -> ObjectFile:
    relocations = [(code.index(b"\xe8") + 1, R_PLT32, "__fentry__", -4)] if fentry else []
    names = [Name(name, f".text.{name}", 0, len(code), GLOBAL, FUNC), Name("__fentry__")]
    part = Part(f".text.{name}", code, relocations=relocations)
    return read_object(f"{name}.c", write_object([part], names))


def test_the_regions_of_a_kernel_are_the_ones_of_the_memory_map(compile_c: Compile) -> None:
    image = link("test", [compile_c(KERNEL)], cpus=1)
    found = {region.name: (region.start, region.access, region.owner) for region in image.regions}
    assert found == {
        "kernel text": (TEXT, Access.READ | Access.EXECUTE, None),
        "kernel text alias": (0xFFFF888101000000, READ_WRITE, None),
        "kernel rodata": (TEXT + 0x1000, Access.READ, None),
        "kernel ro-after-init": (TEXT + 0x2000, READ_WRITE, None),
        "kernel data": (TEXT + 0x3000, READ_WRITE, None),
        "kernel bss": (TEXT + 0x4000, READ_WRITE, None),
        "patcher text": (0xFFFFFFFFA0000000, Access.READ | Access.EXECUTE, None),
        "vCPU0 per-CPU shared": (0xFFFF888000000000, READ_WRITE, None),
        "vCPU0 per-CPU private": (0xFFFF888000001000, READ_WRITE, 0),
        "vCPU0 #DF stack": (0xFFFF888000004000, READ_WRITE, 0),
        "vCPU0 NMI stack": (0xFFFF888000005000, READ_WRITE, 0),
        "vCPU0 #BP stack": (0xFFFF888000006000, READ_WRITE, 0),
        "vCPU0 main stack": (0xFFFF888000007000, READ_WRITE, 0),
    }


def test_only_ro_after_init_memory_is_writable_until_boot_is_over(compile_c: Compile) -> None:
    image = link("test", [compile_c(KERNEL)], cpus=1)
    assert [region.name for region in image.regions if region.init_only] == ["kernel ro-after-init"]


def test_the_text_alias_shows_the_same_bytes(compile_c: Compile) -> None:
    image = link("test", [compile_c(KERNEL)], cpus=1)
    alias = next(region for region in image.regions if region.alias_of == TEXT)
    assert image.read(alias.start, 64) == image.read(TEXT, 64)


def test_no_two_regions_overlap(compile_c: Compile) -> None:
    image = link("test", [compile_c(KERNEL)], [Module("fix", (compile_c(PATCH, "fix.c"),))], cpus=16)
    regions = sorted(image.regions, key=lambda region: region.start)
    assert all(low.end <= high.start for low, high in pairwise(regions))


def test_per_cpu_data_is_copied_to_the_block_of_every_cpu(compile_c: Compile) -> None:
    image = link("test", [compile_c(KERNEL)], cpus=2)
    values = [image.read(image.address(name, cpu), 1)[0] for cpu in (0, 1) for name in ("ours", "mine")]
    assert values == [6, 5, 6, 5]


def test_shared_per_cpu_data_is_linked_from_0x40_and_private_from_0x1000(compile_c: Compile) -> None:
    image = link("test", [compile_c(KERNEL)], cpus=1)
    assert [image.symbols.by_name(name).address for name in ("ours", "mine")] == [0x40, 0x1000]


def test_the_block_of_a_cpu_ends_with_its_main_stack() -> None:
    area = link("test", [function("f")], cpus=2).cpus[1]
    assert (area.base, area.stacks[-1], area.main_stack_top) == (
        0xFFFF888000010000,
        (0xFFFF888000017000, 0xFFFF888000018000),
        0xFFFF888000018000,
    )


@pytest.mark.parametrize("cpus", [0, 17])
def test_a_number_of_cpus_the_map_has_no_room_for_is_refused(cpus: int) -> None:
    with pytest.raises(LoadError, match=f"^{cpus} vCPUs: a guest kernel has 1 to 16$"):
        link("test", [function("f")], cpus=cpus)


def test_too_much_per_cpu_data_is_refused() -> None:
    obj = read_object("a.c", write_object([Part(".data..percpu", bytes(0x1001), WA)]))
    with pytest.raises(LoadError, match=r"^per-CPU private data needs 0x1001 bytes, the block of a CPU has 0x1000$"):
        link("test", [obj], cpus=1)


def test_a_recorded_call_of_fentry_becomes_the_five_byte_nop(compile_c: Compile) -> None:
    image = link("test", [compile_c(KERNEL)], cpus=1)
    found = [(site.function, site.kind, image.read(site.address, 5).hex(" ")) for site in image.sites]
    assert found == [("hidden", "mcount", NOP5), ("answer", "mcount", NOP5)]


def test_a_call_of_fentry_nobody_recorded_is_found_by_its_relocation() -> None:
    image = link("test", [function("f")], cpus=1)
    assert [(site.function, site.address) for site in image.sites] == [("f", TEXT)]


def test_a_site_that_already_holds_the_nop_is_kept() -> None:
    parts = [
        Part(".text.f", bytes.fromhex("0f1f440000 c3")),
        Part("__mcount_loc", bytes(8), A, relocations=[(0, R_64, "f", 0)]),
    ]
    obj = read_object("f.c", write_object(parts, [Name("f", ".text.f", 0, 6, GLOBAL, FUNC)]))
    image = link("test", [obj], cpus=1)
    assert image.read(image.sites[0].address, 6).hex(" ") == f"{NOP5} c3"


def test_a_site_that_holds_anything_else_is_refused() -> None:
    parts = [
        Part(".text.f", bytes.fromhex("9090909090 c3")),
        Part("__mcount_loc", bytes(8), A, relocations=[(0, R_64, "f", 0)]),
    ]
    obj = read_object("f.c", write_object(parts, [Name("f", ".text.f", 0, 6, GLOBAL, FUNC)]))
    with pytest.raises(LoadError, match=r"^f\.c: the site at \.text\.f\+0x0 holds 90 90 90 90 90, neither"):
        link("test", [obj], cpus=1)


def test_behind_endbr64_the_site_is_at_entry_plus_4(compile_c: Compile) -> None:
    """gcc gives a static function nobody takes the address of no ENDBR64, in the kernel too."""
    image = link("test", [compile_c(KERNEL, config=KernelConfig(endbr=True))], cpus=1)
    assert [image.symbols.describe(site.address)[:10] for site in image.sites] == ["hidden+0x0", "answer+0x4"]


def test_five_one_byte_nops_are_recorded_and_left_alone(compile_c: Compile) -> None:
    image = link("test", [compile_c(KERNEL, config=KernelConfig(five_nops=True))], cpus=1)
    found = [(site.function, site.kind, image.read(site.address, 5).hex(" ")) for site in image.sites]
    assert found == [("hidden", "patchable", "90 90 90 90 90"), ("answer", "patchable", "90 90 90 90 90")]


def test_functions_start_at_multiples_of_16_and_int3_fills_the_gaps() -> None:
    image = link("test", [function("f"), function("g")], cpus=1)
    assert (image.address("g"), image.read(TEXT + 6, 10)) == (TEXT + 16, b"\xcc" * 10)


@pytest.mark.parametrize("placement", [Placement(0x3D, 64), Placement(0xFFFD), Placement(3, 8)])
def test_a_placed_function_has_its_site_where_it_was_asked_for(placement: Placement) -> None:
    image = link("test", [function("f"), function("g")], cpus=1, placements={"f": placement})
    site = next(site for site in image.sites if site.function == "f")
    assert site.address % placement.modulo == placement.offset


def test_a_placed_function_behind_endbr64_has_its_site_and_not_its_entry_there() -> None:
    padded = function("f", bytes.fromhex("f30f1efa") + CALL)
    image = link("test", [padded], cpus=1, placements={"f": Placement(0x3E, 64)})
    assert (image.sites[0].address % 64, image.address("f") % 64) == (0x3E, 0x3A)


def test_a_placed_function_without_a_site_has_its_first_own_byte_there() -> None:
    code = bytes.fromhex("f30f1efa c3")
    image = link("test", [function("f", code, fentry=False)], cpus=1, placements={"f": Placement(62, 64)})
    assert image.address("f") % 64 == 58


def test_several_functions_are_placed_without_wasting_a_turn_each() -> None:
    names = ("f", "g", "h")
    wishes = {name: Placement(offset) for name, offset in zip(names, (0xC000, 0x8000, 0x4000), strict=True)}
    image = link("test", [function(name) for name in names], cpus=1, placements=wishes)
    assert [image.address(name) - TEXT for name in names] == [0xC000, 0x8000, 0x4000]


def test_placing_an_unknown_function_names_what_is_close() -> None:
    with pytest.raises(UnknownSymbol, match=r"^no function 'answr' to place: did you mean 'answer'\?$"):
        link("test", [function("answer")], cpus=1, placements={"answr": Placement(0)})


@pytest.mark.parametrize(("offset", "modulo"), [(64, 64), (-1, 64), (0, 0), (0, 1 << 30)])
def test_a_placement_that_cannot_be_met_is_refused(offset: int, modulo: int) -> None:
    with pytest.raises(LoadError, match=r"cannot be met"):
        Placement(offset, modulo)


def test_a_function_of_a_module_can_be_placed() -> None:
    module = Module("fix", (function("new"),))
    image = link("test", [function("old")], [module], cpus=1, placements={"new": Placement(0x3E, 64)})
    assert image.address("new") == MODULE + 0x3E


def patched(compile_c: Compile) -> Image:
    return link("test", [compile_c(KERNEL)], [Module("fix", (compile_c(PATCH, "fix.c"),))], cpus=1)


def test_a_module_has_text_of_its_own_with_a_writable_alias(compile_c: Compile) -> None:
    image = patched(compile_c)
    starts = {region.name: region.start for region in image.regions if region.name.startswith("fix")}
    assert starts == {"fix text": MODULE, "fix text alias": 0xFFFF888201230000}


def test_a_patch_pair_names_the_old_and_the_new_function(compile_c: Compile) -> None:
    image = patched(compile_c)
    found = [(p.old, p.new, p.old_address, p.new_address, p.module) for p in image.patches]
    assert found == [("answer", "answer_fixed", image.address("answer"), MODULE, "fix")]


def test_two_modules_do_not_share_a_page() -> None:
    modules = [Module(name, (function(name),)) for name in ("one", "two")]
    image = link("test", [function("f")], modules, cpus=1)
    assert (image.address("one"), image.address("two")) == (MODULE, MODULE + 0x1000)


def test_two_modules_of_one_name_are_refused() -> None:
    modules = [Module("fix", (function(name),)) for name in ("one", "two")]
    with pytest.raises(LoadError, match=r"^modules must have different names"):
        link("test", [function("f")], modules, cpus=1)


def test_a_patch_of_something_that_is_no_function_is_refused() -> None:
    parts = [
        Part(".text.new", bytes(8)),
        Part(".kgr_patch", bytes(16), A, relocations=[(0, R_64, "f", 2), (8, R_64, "new", 0)]),
    ]
    names = [Name("new", ".text.new", 0, 8, GLOBAL, FUNC), Name("f")]
    module = Module("fix", (read_object("fix.c", write_object(parts, names)),))
    with pytest.raises(LoadError, match=r"^fix\.c: KGR_PATCH names f\+0x2/0x6, not the entry of a function$"):
        link("test", [function("f")], [module], cpus=1)


def test_linking_twice_gives_equal_images(compile_c: Compile) -> None:
    assert patched(compile_c) == patched(compile_c)
