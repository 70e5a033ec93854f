"""The wheel works where the repository is not: its kernels and scenarios come along."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, run


@pytest.mark.slow
def test_the_wheel_carries_every_kernel_scenario_and_object(wheel: Path) -> None:
    inside = {name.removeprefix("simulator/_data/") for name in zipfile.ZipFile(wheel).namelist()}
    wanted = {
        str(path.relative_to(ROOT))
        for folder in ("guest_kernels", "scenarios")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".c", ".h", ".S", ".o", ".py", ".json", ".litmus")
    }
    assert wanted - inside == set()


@pytest.mark.slow
def test_the_wheel_carries_what_reports_are_made_of(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {path for path in (ROOT / "simulator").rglob("*") if path.suffix in (".j2", ".css", ".js", ".json")}
    assert {str(path.relative_to(ROOT)) for path in wanted} - inside == set()


@pytest.mark.slow
def test_an_installed_wheel_runs_a_scenario_by_name_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    run([sys.executable, "-m", "venv", str(environment)], tmp_path)
    run([str(environment / "bin" / "python"), "-m", "pip", "install", "-q", str(wheel)], tmp_path)
    printed = run([str(environment / "bin" / "kgraft-sim"), "check", "basic"], tmp_path)
    assert re.search(r"\bSAFE\b", printed)
