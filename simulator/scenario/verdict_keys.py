"""Keys for verdicts that are kept: what a check is a function of, as a digest.

There are two. The *key of the sources* is found without building anything: the scenario and every object file that
is linked for it. The *key of the subject* is made of the guest as it stands after boot, but for the bytes in its
memory: of those a verdict needs only its footprint. Both hold the version of the engine, which is the text of
the simulator's own modules and the libraries under them, so that an edited simulator never trusts old verdicts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from simulator.explore.reductions import Reductions
from simulator.explore.subject import Subject
from simulator.guest.kernel import KernelConfig, objects_digest
from simulator.machine.memory import BootImage
from simulator.machine.symmetry import BLOCK
from simulator.scenario.scenario import Scenario

_LAYERS = ("x86", "machine", "guest", "patching", "explore", "scenario")
_LIBRARIES = ("unicorn", "capstone", "keystone-engine")

Stable = object
"""A value whose ``repr`` says everything and is the same in every process."""


def sources_key(scenario: Scenario, fetch: str, reductions: Reductions, *, fair: bool, compiler: str | None) -> str:
    """Return the key of a scenario by what it is made of. Raises GuestError where it cannot be built."""
    objects = objects_digest(
        scenario.kernel, modules=(scenario.patch,) if scenario.patch is not None else (),
        config=KernelConfig(endbr=scenario.endbr, five_nops=scenario.five_nops), compiler=compiler,
    )  # fmt: skip
    asked = replace(scenario, fetch=fetch, expect={})
    return _digest("sources", engine_version(), stable(asked), objects, stable(reductions), fair)


def subject_key(subject: Subject, reductions: Reductions, *, fair: bool) -> str:
    """Return the key of what is explored, but for the bytes in the memory of the guest."""
    machine, boot = subject.machine, subject.machine.boot
    blocks = [hashlib.sha256(boot.read(each.base, BLOCK)).hexdigest() for each in machine.layouts]
    parts = (machine.config, machine.layouts, boot.regions, subject.initial, subject.watch, subject.demands)
    return _digest(
        "subject", engine_version(), stable(parts), blocks, subject.interchangeable, stable(reductions), fair
    )


@cache
def engine_version() -> str:
    """Return a digest of everything that turns a guest into a verdict: this package's lower layers and libraries."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for layer in _LAYERS:
        for path in sorted((package / layer).rglob("*.py")):
            digest.update(f"{path.relative_to(package).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library} {_version(library)}\0".encode())
    return digest.hexdigest()


def stable(value: object) -> Stable:
    """Return a value as tuples whose ``repr`` does not depend on hash seeds or addresses.

    A boot image is left out: its bytes are a matter of the footprint. Raises TypeError for a value that has no
    text of its own, because two of those could not be told apart.
    """
    if is_dataclass(value) and not isinstance(value, type):
        pairs = tuple((each.name, stable(getattr(value, each.name))) for each in fields(value))
        return (type(value).__name__, *pairs)
    if isinstance(value, BootImage):
        return "boot"
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, Mapping):
        return ("mapping", *sorted(((repr(key), stable(item)) for key, item in value.items()), key=repr))
    if isinstance(value, AbstractSet):
        return ("set", *sorted(map(stable, value), key=repr))
    if isinstance(value, tuple | list):
        return tuple(map(stable, value))
    if type(value).__repr__ is object.__repr__:
        raise TypeError(f"a {type(value).__name__} cannot be part of a key")
    return value


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:40]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "unknown"
