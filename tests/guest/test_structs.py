"""A patch that sees a struct otherwise than the kernel is refused, with the member, unless it says that it means to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.data import data_folder
from simulator.errors import LoadError
from simulator.guest.kernel import load_kernel
from simulator.guest.structs import Member, Struct, difference
from simulator.guest.toolchain import Compiler, KernelConfig, Source, compile_object, find_compiler
from tests.guest.conftest import compiler_or_skip

LIBRARY = data_folder("guest_kernels") / "lib"
ORDER = """struct order {
	u32 id;
	u64 length;
	struct { u8 a, b; } pair;
	u32 low:3, high:5;
	union { u32 small; u64 large; };
	long (*done)(struct order *order, u64 count);
	struct order *next[2];
};
"""
KERNEL = f"""#include "kgraft.h"
{ORDER}
struct order orders[2];
__patchable u64 length(void) {{ return orders[1].length; }}
notrace void workload_mine(void) {{ length(); }}
"""
PATCH = """#include "kgraft.h"
{order}
extern struct order orders[2];
u64 length(void);
u64 length_new(void) {{ return orders[1].length; }}
KGR_PATCH(length, length_new);
"""
CHANGES = {
    "another size": ("u64 length;", "u32 length;", "'length': the kernel has u64 at offset 8, size 8, the patch"),
    "another sign": ("u32 id;", "s32 id;", "'id': the kernel has u32 at offset 0, size 4, the patch has s32"),
    "one more": ("u64 length;", "u64 length; u64 room;", "'room': the kernel has none, the patch has u64 at offset 16"),
    "one less": ("struct order *next[2];", "", "'next': the kernel has struct order *[2] at offset 40, size 16"),
    "another order": ("low:3, high:5", "high:5, low:3", "'low': the kernel has u32:3 at bit 144, the patch"),
    "inside an unnamed struct": ("u8 a, b;", "u8 a; bool b;", "'pair': the kernel has struct { a: u8 at"),
    "inside an unnamed union": ("u32 small;", "s32 small;", "'small': the kernel has u32 at offset 24, size 4"),
    "another function type": ("u64 count", "u32 count", "'done': the kernel has s64 (*)(struct order *, u64) at"),
    "a longer array": ("next[2]", "next[3]", "'next': the kernel has struct order *[2] at offset 40, size 16"),
    "only the size": ("next[2];\n}", "next[2];\n} __aligned(64)", "the kernel has 56 bytes, the patch has 64"),
}  # fmt: skip


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a kernel with a struct in it."""
    compiler_or_skip("gcc")
    folder = tmp_path_factory.mktemp("own")
    (folder / "kernel.c").write_text(KERNEL)
    return folder


def patch(folder: Path, order: str, more: str = "") -> Path:
    """Write a patch that has its own view of the struct."""
    path = folder / "fix.c"
    path.write_text(PATCH.format(order=order) + more)
    return path


@pytest.mark.parametrize("change", CHANGES)
def test_a_patch_with_another_layout_is_refused_with_struct_and_member(
    change: str, kernel: Path, tmp_path: Path
) -> None:
    old, new, expected = CHANGES[change]
    with pytest.raises(LoadError) as refused:
        load_kernel(kernel, cpus=1, modules=[patch(tmp_path, ORDER.replace(old, new))])
    message = str(refused.value)
    assert message.startswith("fix.c: struct order is not the kernel's: ") and expected in message
    assert "write KGR_LAYOUT_CHANGES(struct order) if it is meant" in message and "\n" not in message


@pytest.mark.parametrize("cc", ["gcc", "clang"])
def test_a_patch_with_the_same_layout_is_taken_from_any_compiler(cc: str, kernel: Path, tmp_path: Path) -> None:
    compiler = compiler_or_skip(cc)
    renamed = ORDER.replace("u32 id", "unsigned id").replace("long (*done)", "const s64 (*done)")
    patch(tmp_path, renamed)
    built = compile_object(Source(tmp_path, "fix.c", (LIBRARY,)), compiler, KernelConfig().flags(compiler.kind))
    (tmp_path / "fix.o").write_bytes(built.data)
    assert load_kernel(kernel, cpus=1, modules=[tmp_path / "fix.o"]).patches


def test_a_patch_may_say_that_it_means_to(kernel: Path, tmp_path: Path) -> None:
    meant = patch(tmp_path, ORDER.replace("u64 length;", "u32 length;"), "KGR_LAYOUT_CHANGES(struct order);\n")
    assert load_kernel(kernel, cpus=1, modules=[meant]).patches


def test_what_it_says_of_one_struct_excuses_no_other(kernel: Path, tmp_path: Path) -> None:
    other = patch(
        tmp_path,
        ORDER.replace("u64 length;", "u32 length;"),
        "struct mine { u32 x; };\nKGR_LAYOUT_CHANGES(struct mine);\n",
    )
    with pytest.raises(LoadError, match="struct order is not the kernel's"):
        load_kernel(kernel, cpus=1, modules=[other])


def test_an_object_somebody_else_compiled_is_compared_too(kernel: Path, tmp_path: Path) -> None:
    patch(tmp_path, ORDER.replace("u64 length;", "u32 length;"))
    source = Source(tmp_path, "fix.c", (LIBRARY,))
    (tmp_path / "fix.o").write_bytes(compile_object(source, find_compiler("gcc"), KernelConfig().flags("gcc")).data)
    with pytest.raises(LoadError, match=r"fix\.o: struct order is not the kernel's: member 'length'"):
        load_kernel(kernel, cpus=1, modules=[tmp_path / "fix.o"])


def test_a_struct_without_a_tag_goes_by_its_typedef(gcc: Compiler, tmp_path: Path) -> None:
    folder = tmp_path / "typedefs"
    folder.mkdir()
    (folder / "kernel.c").write_text(
        '#include "kgraft.h"\ntypedef struct { u32 x; } pair_t;\npair_t pair;\n'
        "__patchable u32 get(void) { return pair.x; }\n"
        "notrace void workload_mine(void) { get(); }\n"
    )
    (tmp_path / "fix.c").write_text(
        '#include "kgraft.h"\ntypedef struct { u32 y, x; } pair_t;\nextern pair_t pair;\nu32 get(void);\n'
        "u32 get_new(void) { return pair.x; }\nKGR_PATCH(get, get_new);\n"
    )
    with pytest.raises(LoadError, match="pair_t is not the kernel's: member 'y': the kernel has none"):
        load_kernel(folder, cpus=1, modules=[tmp_path / "fix.c"])


# the comparison itself -----------------------------------------------------------------------------------

MEMBERS = st.builds(
    Member,
    st.sampled_from("abcdefgh"),
    st.sampled_from(["u8", "u32", "struct s *"]),
    st.integers(0, 99),
    st.integers(1, 64),
)
STRUCTS = st.builds(
    Struct,
    st.just("struct s"),
    st.integers(0, 99),
    st.lists(MEMBERS, min_size=1, unique_by=lambda m: m.name).map(tuple),
)


@given(STRUCTS)
def test_a_struct_does_not_differ_from_itself(struct: Struct) -> None:
    assert difference(struct, struct) is None


@given(STRUCTS, st.data())
def test_a_change_of_any_one_member_is_found_and_named(struct: Struct, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(struct.members) - 1))
    member = struct.members[index]
    changed = data.draw(
        st.sampled_from(
            [
                replace(member, offset=member.offset + 1),
                replace(member, size=member.size + 1),
                replace(member, type="u16"),
                replace(member, name="new"),
                None,
            ]
        )
    )
    members = (*struct.members[:index], *([changed] if changed else []), *struct.members[index + 1 :])
    found = difference(struct, replace(struct, members=members))
    assert found and repr(changed.name if changed else member.name) in found
