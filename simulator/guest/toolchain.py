"""The compiler: which one, with which flags, and objects it need not make twice.

Flags follow the kernel's (``arch/x86/Makefile``): kernel code model, no red zone, general registers only.
Functions have sections of their own, so that each can be placed; ``-flive-patching`` (gcc) keeps the
optimizer from spreading what it knows of one function into its callers, which a patch would make false.
Objects hold no path of this machine: they are compiled from the folder that holds the kernel's, under
relative names.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from simulator.errors import BuildError
from simulator.guest.cache import cache_folder, text_digest, write_whole

GCC: Final = "gcc"
CLANG: Final = "clang"
ZIG: Final = "zig"
INSTALL: Final = "install gcc or clang, or run: pip install 'kgraft-sim[cc]'"
SUFFIXES: Final = (".c", ".S")

_COMMON: Final = (
    *("-O2", "-std=gnu11", "-g", "-Wall", "-Wextra"),
    *("-Werror=implicit-function-declaration", "-Werror=int-conversion"),
    *("-ffreestanding", "-fno-builtin", "-fno-pic", "-fno-pie", "-mcmodel=kernel", "-mno-red-zone"),
    *("-mgeneral-regs-only", "-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"),
    *("-ffunction-sections", "-fno-common", "-fno-strict-aliasing"),
)
_BY_KIND: Final = {
    GCC: (
        "-flive-patching=inline-clone",
        "-fno-tree-loop-distribute-patterns",
        "-fno-reorder-blocks-and-partition",
        "-fno-var-tracking",
        "-gno-record-gcc-switches",
    ),
    CLANG: (
        "--target=x86_64-unknown-linux-gnu",
        "-fdebug-compilation-dir=.",
        "-Wno-unused-command-line-argument",
    ),
    ZIG: (
        "-target",
        "x86_64-freestanding",
        "-fno-sanitize=undefined",
        "-fomit-frame-pointer",
        "-Wno-unused-command-line-argument",
    ),
}
_FOREIGN_ATTRIBUTES: Final = ("-Wno-unknown-attributes", "-Wno-ignored-attributes")
_TIMEOUT: Final = 120


@dataclass(frozen=True, slots=True)
class Compiler:
    """A compiler for x86-64: how to call it, what kind it is, and its first line of ``--version``."""

    command: tuple[str, ...]
    kind: str
    version: str


@dataclass(frozen=True, slots=True)
class KernelConfig:
    """How function entries look: behind ENDBR64 or not, ``call __fentry__`` or five one-byte NOPs (gcc)."""

    endbr: bool = False
    five_nops: bool = False

    @property
    def flavour(self) -> str:
        """The name for it in file names: plain, endbr, five-nops or endbr-five-nops."""
        names = (("endbr", self.endbr), ("five-nops", self.five_nops))
        return "-".join(name for name, on in names if on) or "plain"

    def flags(self, kind: str) -> tuple[str, ...]:
        """Return all flags for a kind of compiler."""
        if self.five_nops:
            entry: tuple[str, ...] = ("-fpatchable-function-entry=5",)
        else:
            entry = ("-pg", "-mfentry", "-mrecord-mcount") if kind == GCC else ("-pg", "-mfentry")
        foreign = () if kind == GCC else _FOREIGN_ATTRIBUTES
        protection = f"-fcf-protection={'branch' if self.endbr else 'none'}"
        return (*_BY_KIND[kind], *_COMMON, *foreign, protection, *entry)


@dataclass(frozen=True, slots=True)
class Source:
    """A source under the name it has in traces, relative to ``root``, and where its headers are."""

    root: Path
    name: str
    includes: tuple[Path, ...] = ()

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.root / self.name


@dataclass(frozen=True, slots=True)
class Built:
    """An object, and the files it was made of, by name relative to the root (or absolute, outside it)."""

    data: bytes
    sources: tuple[str, ...]


def find_compiler(explicit: str | None = None) -> Compiler:
    """Return the compiler the user names, else ``$CC``, gcc, clang or zig, whichever makes x86-64 code."""
    named = explicit or os.environ.get("CC")
    path = os.environ.get("PATH")
    if named:
        compiler = _probe(_words(named), path)
        if compiler is None:
            origin = "" if explicit else " (from $CC)"
            raise BuildError(f"{named!r}{origin} is not a compiler for x86-64 that runs here: {INSTALL}")
        return compiler
    candidates: list[tuple[str, ...]] = [("gcc",), ("x86_64-linux-gnu-gcc",), ("clang",)]
    if importlib.util.find_spec("ziglang"):
        candidates.append((sys.executable, "-m", "ziglang", "cc"))
    for command in candidates:
        if (compiler := _probe(command, path)) is not None:
            return compiler
    raise BuildError(f"no C compiler found: {INSTALL}")


def _words(command: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError:
        return ()


@cache
def _probe(command: tuple[str, ...], _: str | None) -> Compiler | None:
    """Ask a command what it is; the answer is remembered, for one value of $PATH."""
    if not command:
        return None
    try:
        version = _run((*command, "--version"), Path.cwd())
        if version.returncode:
            return None
        title = version.stdout.decode("utf-8", "replace").partition("\n")[0].strip()
        if command[-1] == "cc" and Path(command[-2:][0]).stem in ("zig", "ziglang"):
            return Compiler(command, ZIG, f"zig {title}")
        if "clang" in title:
            return Compiler(command, CLANG, title)
        machine = _run((*command, "-dumpmachine"), Path.cwd()).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return None
    return Compiler(command, GCC, title) if machine.startswith("x86_64") else None


def compile_object(source: Source, compiler: Compiler, flags: Sequence[str], *, cached: bool = True) -> Built:
    """Compile a source, or return what compiling the same text with the same flags gave before."""
    folder = cache_folder()
    key = _key(source, compiler, flags)
    if cached and (found := _cached(folder, key, source)) is not None:
        return found
    built = _compile(source, compiler, flags)
    write_whole(folder / f"{key}.sources", "\n".join(built.sources).encode())
    write_whole(folder / f"{_contents_key(key, source, built.sources)}.o", built.data)
    return built


def compile_all(
    jobs: Sequence[tuple[Source, Sequence[str]]], compiler: Compiler, *, cached: bool = True
) -> list[Built]:
    """Compile several sources, each with its flags, on all processors."""
    from concurrent.futures import ThreadPoolExecutor  # slow to import, and mostly nothing is to be compiled

    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda job: compile_object(job[0], compiler, job[1], cached=cached), jobs))


def _key(source: Source, compiler: Compiler, flags: Sequence[str]) -> str:
    parts = [*compiler.command, compiler.version, *flags, str(source.root.resolve()), source.name]
    return sha256("\0".join([*parts, *map(str, source.includes)]).encode()).hexdigest()


def _contents_key(key: str, source: Source, names: Sequence[str]) -> str:
    digests = [f"{text_digest(source.root / name)}" for name in names]
    return sha256("\0".join([key, *digests]).encode()).hexdigest()


def _cached(folder: Path, key: str, source: Source) -> Built | None:
    try:
        names = tuple((folder / f"{key}.sources").read_text(encoding="utf-8").splitlines())
        return Built((folder / f"{_contents_key(key, source, names)}.o").read_bytes(), names)
    except (OSError, ValueError):
        return None


def _compile(source: Source, compiler: Compiler, flags: Sequence[str]) -> Built:
    if not source.path.is_file():
        raise BuildError(f"{source.path}: no such file")
    with tempfile.TemporaryDirectory(prefix="kgraft-") as scratch:
        output, listing = Path(scratch, "out.o"), Path(scratch, "out.d")
        includes = [f"-I{_relative(folder, source.root)}" for folder in source.includes]
        target = (source.name, "-o", str(output), "-MMD", "-MF", str(listing), "-MT", "object")
        command = (*compiler.command, "-c", *flags, *_prefix_maps(source), *includes, *target)
        try:
            done = _run(command, source.root, zig_cache=cache_folder() / "zig")
        except subprocess.TimeoutExpired:
            raise BuildError(f"{source.name}: {compiler.command[0]} took more than {_TIMEOUT} s") from None
        except OSError as error:
            raise BuildError(f"{source.name}: cannot run {compiler.command[0]}: {error.strerror}") from None
        if done.returncode:
            message = done.stderr.decode("utf-8", "replace").strip()
            raise BuildError(f"{source.name} does not compile with {compiler.version}\n{message}")
        return Built(output.read_bytes(), _sources(listing.read_text(encoding="utf-8")))


def _prefix_maps(source: Source) -> list[str]:
    """Rename the root to ``.`` in the object, and an include folder outside it to its last two names."""
    root = source.root.resolve()
    maps = [f"-ffile-prefix-map={root}=."]
    for folder in source.includes:
        if not folder.resolve().is_relative_to(root):
            maps.append(f"-ffile-prefix-map={folder.resolve()}={'/'.join(folder.resolve().parts[-2:])}")
    return maps


def _relative(folder: Path, root: Path) -> str:
    full = folder.resolve()
    return full.relative_to(root.resolve()).as_posix() if full.is_relative_to(root.resolve()) else str(full)


def _sources(listing: str) -> tuple[str, ...]:
    """Return the names in a make rule ``object: a.c b.h``, where a space in a name has a backslash."""
    names = listing.partition(":")[2].replace("\\\n", " ").replace("\\ ", "\0").split()
    return tuple(name.replace("\0", " ").replace("$$", "$") for name in names)


def _run(command: Sequence[str], folder: Path, zig_cache: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "LC_ALL": "C", "SOURCE_DATE_EPOCH": "0"}
    if zig_cache is not None:
        environment |= {"ZIG_GLOBAL_CACHE_DIR": str(zig_cache), "ZIG_LOCAL_CACHE_DIR": str(zig_cache)}
    for name in ("CPATH", "C_INCLUDE_PATH", "GCC_COLORS"):
        environment.pop(name, None)
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=_TIMEOUT
    )
