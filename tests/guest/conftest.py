"""What the guest tests share: a compiler, a cache of their own, and kernels written into a folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.errors import BuildError
from simulator.guest.object import ObjectFile, read_object
from simulator.guest.toolchain import Compiler, KernelConfig, Source, compile_object, find_compiler

Compile = Callable[..., ObjectFile]


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's cache and $CC out of the tests; objects are shared by the tests of one process."""
    monkeypatch.setenv("KGRAFT_CACHE", str(tmp_path_factory.getbasetemp() / "objects"))
    monkeypatch.delenv("CC", raising=False)


@pytest.fixture(scope="session")
def gcc() -> Compiler:
    """Return gcc, or skip."""
    return compiler_or_skip("gcc")


@pytest.fixture
def compile_c(gcc: Compiler, tmp_path: Path) -> Compile:
    """Return a function that compiles C or assembly text to an object."""

    def compile_text(text: str, name: str = "test.c", config: KernelConfig | None = None) -> ObjectFile:
        (tmp_path / name).write_text(text)
        built = compile_object(Source(tmp_path, name), gcc, (config or KernelConfig()).flags(gcc.kind))
        return read_object(name, built.data)

    return compile_text


def compiler_or_skip(command: str) -> Compiler:
    """Return a compiler, or skip the test that needs it."""
    try:
        return find_compiler(command)
    except BuildError as error:
        pytest.skip(str(error))


__all__ = ["Compile", "compiler_or_skip"]
