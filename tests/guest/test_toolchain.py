"""The compiler that was asked for compiles, once; objects hold no path; errors say what to do."""

import os
import shutil
from pathlib import Path

import pytest

from simulator.errors import BuildError
from simulator.guest import toolchain
from simulator.guest.cache import cache_folder, write_whole
from simulator.guest.object import read_object
from simulator.guest.toolchain import Compiler, KernelConfig, Source, compile_object, find_compiler

TEXT = '#include "k.h"\nint f(void)\n{\n\treturn K + __LINE__ + __FILE__[0];\n}\n'


def source(root: Path, text: str = TEXT, value: int = 1) -> Source:
    (root / "mine").mkdir(parents=True, exist_ok=True)
    (root / "mine" / "k.c").write_text(text)
    (root / "mine" / "k.h").write_text(f"#define K {value}\n")
    return Source(root, "mine/k.c", (root / "mine",))


def build(src: Source, compiler: Compiler) -> bytes:
    return compile_object(src, compiler, KernelConfig().flags(compiler.kind)).data


def fake_compiler(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the sources that really are compiled."""
    names: list[str] = []
    really = toolchain._compile

    def compile_and_count(src: Source, *rest: object) -> toolchain.Built:
        names.append(src.name)
        return really(src, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(toolchain, "_compile", compile_and_count)
    return names


def test_the_same_source_in_two_folders_gives_the_same_object(gcc: Compiler, tmp_path: Path) -> None:
    assert build(source(tmp_path / "one"), gcc) == build(source(tmp_path / "two folders"), gcc)


def test_an_object_names_no_folder_of_this_machine(gcc: Compiler, tmp_path: Path) -> None:
    library = tmp_path / "elsewhere" / "guest_kernels" / "lib"
    library.mkdir(parents=True)
    (library / "l.h").write_text("static inline const char *where(void) { return __FILE__; }\n")
    src = source(tmp_path / "home", '#include "l.h"\nconst char *f(void) { return where(); }\n')
    data = build(Source(src.root, src.name, (*src.includes, library)), gcc)
    assert (str(tmp_path).encode() in data, b"guest_kernels/lib/l.h" in data) == (False, True)


def test_the_same_source_is_compiled_once(gcc: Compiler, tmp_path: Path, counted: list[str]) -> None:
    first, second = (build(source(tmp_path), gcc) for _ in range(2))
    assert (first == second, counted) == (True, ["mine/k.c"])


def test_a_changed_header_is_noticed(gcc: Compiler, tmp_path: Path, counted: list[str]) -> None:
    objects = [build(source(tmp_path, value=value), gcc) for value in (1, 2, 1)]
    assert (objects[0] == objects[2] != objects[1], len(counted)) == (True, 2)


def test_other_flags_make_another_object(gcc: Compiler, tmp_path: Path) -> None:
    src = source(tmp_path)
    flags = [KernelConfig(endbr).flags(gcc.kind) for endbr in (False, True)]
    assert compile_object(src, gcc, flags[0]).data != compile_object(src, gcc, flags[1]).data


def test_a_compile_error_says_which_file_and_then_what_the_compiler_says(gcc: Compiler, tmp_path: Path) -> None:
    with pytest.raises(BuildError) as error:
        build(source(tmp_path, "int f(void) { return nothing; }\n"), gcc)
    first, *rest = str(error.value).splitlines()
    assert first.startswith("mine/k.c does not compile with gcc")
    assert "mine/k.c:1:22: error: 'nothing' undeclared" in "\n".join(rest)


def test_a_call_of_an_undeclared_function_is_an_error(gcc: Compiler, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="implicit declaration of function"):
        build(source(tmp_path, "int f(void) { return g(); }\n"), gcc)


def test_a_missing_source_is_an_error(gcc: Compiler, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"gone\.c: no such file$"):
        build(Source(tmp_path, "gone.c"), gcc)


def test_a_name_with_a_space_compiles(gcc: Compiler, tmp_path: Path) -> None:
    folder = tmp_path / "my kernels"
    assert read_object("k.c", build(source(folder), gcc)).symbols


def test_without_any_compiler_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BuildError) as error:
        find_compiler()
    expected = "no C compiler found: install gcc or clang, or run: pip install 'kgraft-sim[cc]'"
    assert str(error.value) == expected


@pytest.mark.parametrize("name", ["no-such-cc", "'unbalanced", " "])
def test_a_compiler_that_does_not_run_is_refused_by_name(name: str) -> None:
    with pytest.raises(BuildError) as error:
        find_compiler(name)
    assert str(error.value).startswith(f"{name!r} is not a compiler for x86-64 that runs here: ")


def test_a_broken_cc_variable_is_named_as_the_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-cc")
    with pytest.raises(BuildError, match=r"^'no-such-cc' \(from \$CC\) is not a compiler"):
        find_compiler()


@pytest.mark.skipif(os.name == "nt", reason="the fake compilers are shell scripts")
def test_a_gcc_for_another_machine_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_compiler(tmp_path, "gcc", 'case "$1" in --version) echo gcc 14;; *) echo aarch64-linux-gnu;; esac')
    fake_compiler(tmp_path, "clang", "echo clang version 99")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=None)
    assert find_compiler() == Compiler(("clang",), "clang", "clang version 99")


@pytest.mark.skipif(os.name == "nt", reason="the fake compilers are shell scripts")
def test_the_cc_variable_goes_before_gcc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fake_compiler(tmp_path, "my-cc", "echo my clang 7")
    monkeypatch.setenv("CC", str(path))
    assert find_compiler().version == "my clang 7"


def test_a_cache_that_cannot_be_written_is_done_without(
    gcc: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KGRAFT_CACHE", str(tmp_path / "file" / "cache"))
    assert build(source(tmp_path), gcc)[:4] == b"\x7fELF"


def test_a_damaged_cache_is_done_without(gcc: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGRAFT_CACHE", str(tmp_path / "cache"))
    data = build(source(tmp_path), gcc)
    for path in cache_folder().glob("*.sources"):
        path.write_bytes(b"\xff\xfe no such file")
    assert build(source(tmp_path), gcc) == data


def test_a_file_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    assert write_whole(tmp_path / "new" / "file", b"text")
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "new").iterdir()] == [("file", b"text")]


def test_the_cache_is_the_users_unless_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KGRAFT_CACHE")
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert cache_folder() == tmp_path / "kgraft-sim"


def test_the_compiler_in_use_is_found(gcc: Compiler) -> None:
    assert shutil.which(gcc.command[0]) and gcc.kind == "gcc"
