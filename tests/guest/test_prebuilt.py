"""Committed objects are used while their sources are unchanged, and are what the sources compile to."""

import json
import shutil
from pathlib import Path

import pytest

from simulator.errors import BuildError, LoadError
from simulator.guest import prebuilt
from simulator.guest.kernel import load_kernel
from simulator.guest.prebuilt import (
    CONFIGS,
    FOLDER,
    find_prebuilt,
    main,
    rebuild_prebuilt,
    shipped_folder,
    shipped_source,
)
from simulator.guest.toolchain import Compiler, KernelConfig

LIBRARY = '#include "lib.h"\nint library(void) { return NUMBER; }\n'
KERNEL = '#include "lib.h"\nint library(void);\nint tick(void) { return library() + NUMBER; }\n'
PATCH = "int tick_fixed(void) { return 2; }\n"


@pytest.fixture
def kernels(gcc: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a built guest_kernels with one tiny kernel; it is the shipped one, and no compiler is left."""
    folder = (tmp_path / "guest_kernels").resolve()
    for name in ("lib", "tiny/patches"):
        (folder / name).mkdir(parents=True)
    (folder / "lib" / "lib.c").write_text(LIBRARY)
    (folder / "lib" / "lib.h").write_text("#define NUMBER 1\n")
    (folder / "tiny" / "kernel.c").write_text(KERNEL)
    (folder / "tiny" / "patches" / "fix.c").write_text(PATCH)
    monkeypatch.setattr(prebuilt, "data_folder", lambda name: folder)
    rebuild_prebuilt(folder)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    return folder


def test_a_kernel_whose_sources_are_unchanged_needs_no_compiler(kernels: Path) -> None:
    image = load_kernel("tiny", cpus=1, modules=["fix"])
    assert [site.function for site in image.sites] == ["tick", "library", "tick_fixed"]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.flavour)
def test_every_flavour_is_there(kernels: Path, config: KernelConfig) -> None:
    entry = load_kernel("tiny", cpus=1, config=config)
    expected = {"plain": "0f 1f 44 00 00", "endbr": "f3 0f 1e fa 0f", "five-nops": "90 90 90 90 90"}
    assert entry.read(entry.address("tick"), 5).hex(" ") == expected[config.flavour]


@pytest.mark.parametrize("name", ["tiny/kernel.c", "lib/lib.h"])
def test_a_changed_source_or_header_needs_a_compiler(kernels: Path, name: str) -> None:
    (kernels / name).write_text((kernels / name).read_text() + "\n")
    with pytest.raises(BuildError) as error:
        load_kernel("tiny", cpus=1)
    assert str(error.value) == (
        "guest_kernels/tiny/kernel.c must be compiled (no committed object matches it), but "
        "no C compiler found: install gcc or clang, or run: pip install 'kgraft-sim[cc]'"
    )


def test_line_ends_of_another_system_do_not_count_as_a_change(kernels: Path) -> None:
    path = kernels / "tiny" / "kernel.c"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_kernel("tiny", cpus=1).address("tick")


def test_a_flavour_nobody_committed_needs_a_compiler(kernels: Path) -> None:
    with pytest.raises(BuildError, match=r"must be compiled"):
        load_kernel("tiny", cpus=1, config=KernelConfig(endbr=True, five_nops=True))


def test_a_named_compiler_compiles_although_there_are_objects(kernels: Path) -> None:
    with pytest.raises(BuildError, match=r"^'no-such-cc' is not a compiler"):
        load_kernel("tiny", cpus=1, compiler="no-such-cc")


def test_a_damaged_object_is_refused(kernels: Path) -> None:
    path = kernels / FOLDER / "tiny-kernel.c.plain.o"
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    with pytest.raises(LoadError, match=r"tiny-kernel\.c\.plain\.o: not the object the manifest lists: install"):
        load_kernel("tiny", cpus=1)


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "not JSON"), ('{"version": 1, "flags": 3}', "damaged"), ('{"version": 1, "objects": {}}', None)],
)
def test_a_damaged_manifest_is_refused(kernels: Path, text: str, message: str | None) -> None:
    (kernels / FOLDER / "manifest.json").write_text(text)
    with pytest.raises(LoadError if message else BuildError, match=message):
        load_kernel("tiny", cpus=1)


def test_a_manifest_without_the_flavours_object_is_damaged(kernels: Path) -> None:
    path = kernels / FOLDER / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["objects"]["guest_kernels/tiny/kernel.c"]["flavours"]["plain"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(LoadError, match=r"manifest\.json: damaged: install again"):
        load_kernel("tiny", cpus=1)


def test_building_twice_gives_the_same_files(
    gcc: Compiler, tmp_path: Path, kernels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    other = tmp_path / "elsewhere" / "guest_kernels"
    shutil.copytree(kernels, other, ignore=shutil.ignore_patterns(FOLDER))
    rebuild_prebuilt(other)
    files = [{path.name: path.read_bytes() for path in (folder / FOLDER).iterdir()} for folder in (kernels, other)]
    assert files[0] == files[1]


def test_objects_of_removed_sources_are_removed(gcc: Compiler, kernels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    (kernels / "tiny" / "patches" / "fix.c").unlink()
    rebuild_prebuilt(kernels)
    assert not list((kernels / FOLDER).glob("*fix*"))


def test_the_command_reports_a_missing_compiler(kernels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (main([str(kernels)]), capsys.readouterr().err) == (
        2,
        "'gcc' is not a compiler for x86-64 that runs here: install gcc or clang, "
        "or run: pip install 'kgraft-sim[cc]'\n",
    )


def test_the_shipped_objects_are_those_of_the_shipped_sources() -> None:
    folder = shipped_folder()
    if not (folder / FOLDER).is_dir():
        pytest.skip("this checkout has no committed objects yet: python -m simulator.guest.prebuilt")
    sources = [shipped_source(path, folder) for path in sorted(prebuilt._sources(folder))]
    for config in CONFIGS:
        stale = [source.name for source in sources if source not in find_prebuilt(sources, config)]
        assert not stale, "run python -m simulator.guest.prebuilt"
