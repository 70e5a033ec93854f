"""A kernel, compiled or prebuilt, linked with its patches: ``load_kernel("minimal", cpus=2)``.

A kernel is a folder of C and assembly sources (or a single one) linked with ``guest_kernels/lib``; a patch
module is one source, by name from the kernel's ``patches`` folder or by path. Objects (``.o``) are taken as
they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

from simulator.errors import BuildError, LoadError
from simulator.guest.image import Image
from simulator.guest.layout import Placement
from simulator.guest.loader import Module, link
from simulator.guest.object import read_object
from simulator.guest.prebuilt import FOLDER, LIBRARY, find_prebuilt, shipped_folder, shipped_source
from simulator.guest.symbols import closest
from simulator.guest.toolchain import (
    SUFFIXES,
    Compiler,
    KernelConfig,
    Source,
    compile_all,
    find_compiler,
)

__all__ = ["KernelConfig", "Placement", "kernel_names", "load_kernel", "objects_digest"]

_OBJECTS: Final = (".o", ".ko")
_NOWHERE: Final[Mapping[str, Placement]] = MappingProxyType({})
_PLAIN: Final = KernelConfig()
_CPU_COUNT: Final = "nr_cpus"


def kernel_names() -> tuple[str, ...]:
    """Return the names of the kernels that come with the simulator."""
    folder = shipped_folder()
    names = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    return tuple(name for name in names if name not in (LIBRARY, FOLDER) and any(_sources_in(folder / name)))


def load_kernel(
    name_or_path: str | Path,
    *,
    cpus: int,
    modules: Sequence[str | Path] = (),
    placements: Mapping[str, Placement] = _NOWHERE,
    config: KernelConfig = _PLAIN,
    compiler: str | None = None,
) -> Image:
    """Return a kernel linked for ``cpus`` vCPUs with its patch modules loaded.

    Committed objects are used where the source is what they were made of; ``compiler`` compiles all.
    """
    kernel, own, patches = _files(name_or_path, modules)
    paths = [*own, *patches]
    sources = [_source(path, kernel) for path in paths]
    data = _objects(sources, config, compiler)
    objects = [read_object(source.name, data[source]) for source in sources]
    split = len(own)
    image = link(
        kernel.stem,
        objects[:split],
        [Module(path.stem, (obj,)) for path, obj in zip(patches, objects[split:], strict=True)],
        cpus=cpus,
        placements=placements,
        folders=tuple(dict.fromkeys(_source(path, kernel).root for path in paths)),
    )
    return image.poke(_CPU_COUNT, cpus.to_bytes(4, "little")) if _CPU_COUNT in image.symbols else image


def objects_digest(
    name_or_path: str | Path,
    *,
    modules: Sequence[str | Path] = (),
    config: KernelConfig = _PLAIN,
    compiler: str | None = None,
) -> str:
    """Return a digest of every object ``load_kernel`` would link, without linking them.

    Objects are compiled where that was not done before, so an unchanged kernel costs a few milliseconds.
    """
    kernel, own, patches = _files(name_or_path, modules)
    sources = [_source(path, kernel) for path in (*own, *patches)]
    data = _objects(sources, config, compiler)
    digest = sha256(f"{kernel.stem} {len(own)}".encode())
    for source in sources:
        digest.update(f"\0{source.name} {len(data[source])}\0".encode() + data[source])
    return digest.hexdigest()


def _files(name_or_path: str | Path, modules: Sequence[str | Path]) -> tuple[Path, list[Path], list[Path]]:
    """Return where a kernel is, its files with those of the library, and those of its patches."""
    kernel = _find_kernel(name_or_path)
    home = kernel if kernel.is_dir() else kernel.parent
    patches = [_find_module(module, home) for module in modules]
    own = _sources_in(kernel) if kernel.is_dir() else [kernel]
    if not own:
        raise LoadError(f"{kernel}: no .c or .S file in this folder, so no kernel")
    return kernel, [*own, *_sources_in(shipped_folder() / LIBRARY)], patches


def _find_kernel(name_or_path: str | Path) -> Path:
    if isinstance(name_or_path, str) and name_or_path in kernel_names():
        return shipped_folder() / name_or_path
    path = Path(name_or_path)
    if path.is_dir() or (path.is_file() and path.suffix in (*SUFFIXES, *_OBJECTS)):
        return path.resolve()
    raise LoadError(
        f"no guest kernel {str(name_or_path)!r}{closest(str(name_or_path), kernel_names())} "
        f"(there are: {', '.join(kernel_names())}; or give the path of a folder or C file)"
    )


def _find_module(module: str | Path, home: Path) -> Path:
    path = Path(module)
    if path.suffix in (*SUFFIXES, *_OBJECTS):
        if path.is_file():
            return path.resolve()
        raise LoadError(f"{path}: no such patch")
    found = home / "patches" / f"{module}.c"
    if found.is_file():
        return found
    names = sorted(path.stem for path in (home / "patches").glob("*.c"))
    raise LoadError(
        f"no patch {str(module)!r} for kernel {home.name}{closest(str(module), names)} "
        f"(there are: {', '.join(names) or 'none'}; or give the path of a C file)"
    )


def _sources_in(folder: Path) -> list[Path]:
    return sorted(path for suffix in SUFFIXES for path in folder.glob(f"*{suffix}"))


def _source(path: Path, kernel: Path) -> Source:
    shipped = shipped_folder()
    if path.is_relative_to(shipped):
        return shipped_source(path, shipped)
    folder = kernel if kernel.is_dir() and path.is_relative_to(kernel) else path.parent
    root = folder.parent if kernel.is_dir() and folder == kernel else folder
    home = kernel if kernel.is_dir() else kernel.parent
    includes = dict.fromkeys((path.parent, home, shipped / LIBRARY))
    return Source(root, path.relative_to(root).as_posix(), tuple(includes))


def _objects(sources: Sequence[Source], config: KernelConfig, compiler: str | None) -> dict[Source, bytes]:
    data = {source: source.path.read_bytes() for source in sources if source.path.suffix in _OBJECTS}
    if not compiler:
        data |= find_prebuilt(sources, config)
    missing = [source for source in sources if source not in data]
    if missing:
        chosen = _compiler_for(missing[0], compiler)
        flags = config.flags(chosen.kind)
        built = compile_all([(source, flags) for source in missing], chosen)
        data.update(zip(missing, (result.data for result in built), strict=True))
    return data


def _compiler_for(source: Source, explicit: str | None) -> Compiler:
    try:
        return find_compiler(explicit)
    except BuildError as error:
        if explicit:
            raise
        raise BuildError(f"{source.name} must be compiled (no committed object matches it), but {error}") from None
