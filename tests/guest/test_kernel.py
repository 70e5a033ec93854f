"""Kernels load by name, by folder and by file, shipped or one's own, with patches."""

from pathlib import Path

import pytest

from simulator.errors import BuildError, LoadError
from simulator.guest.kernel import KernelConfig, Placement, kernel_names, load_kernel
from simulator.guest.prebuilt import CONFIGS
from simulator.guest.toolchain import Compiler

OWN = """#include "kgraft.h"
__patchable static int twice(int x) { return x + x; }
notrace void workload_mine(void) { guest_assert(twice(opaque(2)) == 4); }
"""
PATCH = """#include "kgraft.h"
int twice(int x);
int twice_fixed(int x) { return 2 * x; }
KGR_PATCH(twice, twice_fixed);
"""


@pytest.fixture
def own(gcc: Compiler, tmp_path: Path) -> Path:
    """Return the folder of a kernel a user wrote."""
    folder = tmp_path / "mykernel"
    (folder / "patches").mkdir(parents=True)
    (folder / "kernel.c").write_text(OWN)
    (folder / "patches" / "fix.c").write_text(PATCH)
    return folder


def test_the_shipped_kernels_have_names() -> None:
    assert {"minimal", "locks", "syscalls"} <= set(kernel_names())


@pytest.mark.parametrize("name", kernel_names())
@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.flavour)
def test_a_shipped_kernel_links_in_every_flavour(name: str, config: KernelConfig, gcc: Compiler) -> None:
    image = load_kernel(name, cpus=2, config=config)
    assert image.symbols.by_name("startup_64").kind == "function"


def test_the_number_of_cpus_is_told_to_the_guest(gcc: Compiler) -> None:
    image = load_kernel("minimal", cpus=3)
    assert image.read(image.address("nr_cpus"), 4) == b"\3\0\0\0"


def test_a_shipped_patch_is_found_by_name(gcc: Compiler) -> None:
    image = load_kernel("minimal", cpus=1, modules=["answer"])
    assert [(pair.old, pair.new) for pair in image.patches] == [("answer", "answer_fixed")]


def test_a_shipped_function_can_be_placed_across_a_line(gcc: Compiler) -> None:
    image = load_kernel("minimal", cpus=1, placements={"answer": Placement(62, 64)})
    assert next(site.address % 64 for site in image.sites if site.function == "answer") == 62


@pytest.mark.parametrize("path", [".", "kernel.c"])
def test_ones_own_kernel_loads_from_a_folder_or_a_file(own: Path, path: str) -> None:
    image = load_kernel(own / path, cpus=1)
    name = "mykernel/kernel.c" if path == "." else "kernel.c"
    assert image.source(image.address("workload_mine")) == f"{name}:3"


def test_ones_own_patch_refers_to_a_static_function(own: Path) -> None:
    image = load_kernel(own, cpus=1, modules=["fix"])
    assert [(pair.old, pair.old_address) for pair in image.patches] == [("twice", image.address("twice"))]


def test_a_patch_may_be_given_by_path(own: Path, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.c"
    path.write_text(PATCH)
    image = load_kernel(own, cpus=1, modules=[path])
    found = (image.patches[0].module, image.source(image.patches[0].new_address))
    assert found == ("elsewhere", "elsewhere.c:3")


def test_an_object_of_ones_own_build_is_taken_as_it_is(own: Path, tmp_path: Path, gcc: Compiler) -> None:
    (tmp_path / "fix.o").write_bytes(b"\x7fELF")
    with pytest.raises(LoadError, match=r"^fix\.o: truncated"):
        load_kernel(own, cpus=1, modules=[tmp_path / "fix.o"])


def test_a_path_relative_to_the_current_folder_is_found(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(own.parent)
    assert load_kernel("mykernel", cpus=1).name == "mykernel"


def test_an_unknown_kernel_lists_the_known_ones() -> None:
    with pytest.raises(LoadError) as error:
        load_kernel("minmal", cpus=1)
    assert str(error.value).startswith("no guest kernel 'minmal': did you mean 'minimal'? (there are: ")


def test_an_unknown_patch_lists_the_kernels_patches(own: Path) -> None:
    with pytest.raises(LoadError) as error:
        load_kernel(own, cpus=1, modules=["fixx"])
    assert str(error.value) == (
        "no patch 'fixx' for kernel mykernel: did you mean 'fix'? (there are: fix; or give the path of a C file)"
    )


def test_a_patch_file_that_is_not_there_is_an_error(own: Path) -> None:
    with pytest.raises(LoadError, match=r"^gone\.c: no such patch$"):
        load_kernel(own, cpus=1, modules=["gone.c"])


def test_a_folder_without_sources_is_no_kernel(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"no .c or .S file in this folder, so no kernel$"):
        load_kernel(tmp_path, cpus=1)


def test_a_kernel_that_does_not_compile_shows_the_compilers_message(own: Path) -> None:
    (own / "kernel.c").write_text("int f(void) { return nothing; }\n")
    with pytest.raises(BuildError, match=r"^mykernel/kernel\.c does not compile with gcc") as error:
        load_kernel(own, cpus=1, compiler="gcc")
    assert "'nothing' undeclared" in str(error.value)
