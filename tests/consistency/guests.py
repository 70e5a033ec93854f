"""Checks of the kernel with tasks, as it is and with lines of its C changed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from simulator.data import data_folder
from simulator.explore.checker import Limits, Options, check
from simulator.explore.reductions import Reductions
from simulator.explore.verdict import Verdict
from simulator.machine.engine import Engine
from simulator.scenario.build import build
from simulator.scenario.catalogue import find
from simulator.scenario.scenario import Scenario

OPTIONS = Options(Reductions(registers=False), Limits(seconds=120))
"""The kernel with tasks clears its registers itself, so that looking for dead ones costs more than it saves."""


def verdict(scenario: Scenario, fetch: str = "coherent") -> Verdict:
    """Check a scenario under one profile."""
    return check(build(replace(scenario, fetch=fetch), Engine()).subject, OPTIONS)


def shipped(name: str) -> Scenario:
    """Return a shipped scenario."""
    return find(name).scenario


def changed_kernel(folder: Path, file: str, changes: Mapping[str, str]) -> str:
    """Copy the kernel with tasks and replace lines of one file; return its path. Each line must be there once."""
    kernels = data_folder("guest_kernels")
    for name in ("tasks", "lib"):
        shutil.copytree(kernels / name, folder / name)
    source = folder / "tasks" / file
    text = source.read_text()
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
        text = text.replace(old, new)
    source.write_text(text)
    return str(folder / "tasks")
