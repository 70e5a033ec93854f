"""Committed objects of the shipped kernels, so that everything shipped runs without a compiler.

``guest_kernels/prebuilt/manifest.json`` says for every source which texts its objects were made of, by
SHA-256. An object is used as long as all of them are unchanged; ``python -m simulator.guest.prebuilt`` makes
them anew with gcc.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from simulator.data import data_folder
from simulator.errors import BuildError, LoadError, SimulatorError
from simulator.guest.cache import text_digest, write_whole
from simulator.guest.toolchain import (
    GCC,
    SUFFIXES,
    Built,
    Compiler,
    KernelConfig,
    Source,
    compile_all,
    find_compiler,
)

CONFIGS: Final = (KernelConfig(), KernelConfig(endbr=True), KernelConfig(five_nops=True))
FOLDER: Final = "prebuilt"
LIBRARY: Final = "lib"

_MANIFEST: Final = "manifest.json"
_VERSION: Final = 1
_MODULE: Final = "simulator.guest.prebuilt"
_CURE: Final = f"install again or run python -m {_MODULE}"


def shipped_folder() -> Path:
    """Return ``guest_kernels`` of this installation."""
    return data_folder("guest_kernels").resolve()


def shipped_source(path: Path, folder: Path) -> Source:
    """Return a source below ``guest_kernels`` under its name there, with the headers it may include."""
    relative = path.relative_to(folder)
    kernel = folder / relative.parts[0]
    return Source(folder.parent, f"{folder.name}/{relative.as_posix()}", _includes(kernel, folder))


def find_prebuilt(sources: Iterable[Source], config: KernelConfig) -> dict[Source, bytes]:
    """Return the committed objects, of those sources that are what their objects were made of."""
    folder = shipped_folder() / FOLDER
    manifest = _read_manifest(folder / _MANIFEST)
    digests: dict[Path, str | None] = {}
    found = {}
    try:
        if manifest.get("flags", {}).get(config.flavour) != list(config.flags(GCC)):
            return {}
        for source in sources:
            made = manifest["objects"].get(source.name)
            if made is None or source.root != folder.parent.parent:
                continue
            for path in (source.root / name for name in made["sources"]):
                digests.setdefault(path, text_digest(path))
            if all(digests[source.root / name] == digest for name, digest in made["sources"].items()):
                found[source] = _read_checked(folder, **made["flavours"][config.flavour])
    except (KeyError, TypeError, AttributeError):
        raise LoadError(f"{folder / _MANIFEST}: damaged: {_CURE}") from None
    return found


def _read_checked(folder: Path, file: str, sha256: str) -> bytes:
    path = folder / file
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise LoadError(f"{path}: not the object the manifest lists: {_CURE}")
    return data


def rebuild_prebuilt(folder: Path | None = None, compiler: str | None = None) -> int:
    """Compile every shipped source in every flavour; return how many objects were written."""
    kernels = folder.resolve() if folder else shipped_folder()
    found = find_compiler(compiler or "gcc")
    if found.kind != GCC:
        raise BuildError(
            f"the committed objects are gcc's (-mrecord-mcount, five one-byte NOPs), not {found.version}'s"
        )
    sources = [shipped_source(path, kernels) for path in sorted(_sources(kernels))]
    jobs = [(source, config) for source in sources for config in CONFIGS]
    built = compile_all([(source, (*config.flags(GCC), "-Werror")) for source, config in jobs], found, cached=False)
    return _write(kernels / FOLDER, found, dict(zip(jobs, built, strict=True)))


def _write(target: Path, compiler: Compiler, results: Mapping[tuple[Source, KernelConfig], Built]) -> int:
    objects: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for (source, config), built in results.items():
        _check_anonymous(source, built)
        digests = {name: text_digest(source.root / name) for name in sorted(built.sources)}
        flavours = objects.setdefault(source.name, {"sources": digests, "flavours": {}})["flavours"]
        digest = hashlib.sha256(built.data).hexdigest()
        same = [made["file"] for made in flavours.values() if made["sha256"] == digest]
        name = same[0] if same else f"{source.name.partition('/')[2].replace('/', '-')}.{config.flavour}.o"
        files[name] = built.data
        flavours[config.flavour] = {"file": name, "sha256": digest}
    flags = {config.flavour: list(config.flags(GCC)) for config in CONFIGS}
    manifest = {"version": _VERSION, "compiler": compiler.version, "flags": flags, "objects": objects}
    text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    for name, data in {**files, _MANIFEST: text.encode()}.items():
        if not write_whole(target / name, data):
            raise BuildError(f"{target / name} cannot be written")
    for path in target.glob("*.o"):
        if path.name not in files:
            path.unlink()
    return len(files)


def _check_anonymous(source: Source, built: Built) -> None:
    if str(source.root.resolve()).encode() in built.data:
        raise BuildError(f"{source.name}: the object names the folder it was compiled in")


def _sources(kernels: Path) -> Iterator[Path]:
    for kernel in kernels.iterdir():
        if kernel.is_dir() and kernel.name != FOLDER:
            for folder in (kernel, kernel / "patches"):
                yield from (path for suffix in SUFFIXES for path in folder.glob(f"*{suffix}"))


def _includes(kernel: Path, folder: Path) -> tuple[Path, ...]:
    library = folder / LIBRARY
    return (library,) if kernel == library else (kernel, library)


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return {}
    except ValueError:
        raise LoadError(f"{path}: not JSON: {_CURE}") from None
    return manifest if isinstance(manifest, dict) and manifest.get("version") == _VERSION else {}


def main(arguments: Sequence[str] | None = None) -> int:
    """Rebuild the committed objects."""
    import argparse  # only here: a kernel is loaded at every start

    parser = argparse.ArgumentParser(prog=f"python -m {_MODULE}", description=main.__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="guest_kernels (default: this installation's)")
    parser.add_argument("--cc", help="the gcc to use")
    options = parser.parse_args(arguments)
    try:
        count = rebuild_prebuilt(options.folder, options.cc)
    except SimulatorError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{count} objects written")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
