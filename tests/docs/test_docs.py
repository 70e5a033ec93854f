"""What the documentation says is true: every command and every example in it is run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def blocks(page: Path, language: str) -> list[str]:
    return [text for found, text in BLOCK.findall(page.read_text()) if found == language]


def commands() -> list[str]:
    pages = [ROOT / "README.md", *PAGES]
    lines = [line for page in pages for block in blocks(page, "sh") for line in block.splitlines()]
    return [line for line in dict.fromkeys(lines) if line.startswith("kgraft-sim ")]


def kgraft_sim(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "simulator.cli", *arguments]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "KGRAFT_CACHE": str(folder / "cache")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("line", commands())
def test_a_documented_command_ends_as_expected(line: str, tmp_path: Path) -> None:
    done = kgraft_sim(*line.split()[1:], folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


SHOWN = [block for name in ("README.md", "docs/consistency.md") for block in blocks(ROOT / name, "console")]


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.split()[2])
def test_a_page_shows_what_is_printed(shown: str, tmp_path: Path) -> None:
    command, _, printed = shown.partition("\n")
    assert kgraft_sim(*command.split()[2:], folder=tmp_path).stdout.rstrip() == printed.rstrip()


def test_the_example_scenario_holds_under_every_fetch_model(tmp_path: Path) -> None:
    (tmp_path / "tearing.py").write_text(blocks(ROOT / "docs" / "writing-a-scenario.md", "python")[0])
    done = kgraft_sim("check", "tearing.py", "--fetch-model", "all", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_protocol_holds_as_the_page_says(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(blocks(ROOT / "docs" / "protocols.md", "python")[0])
    done = kgraft_sim("check", "mine.py", "--fetch-model", "qword8", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("gcc") is None, reason="compiles a kernel: needs gcc")
def test_the_example_kernel_and_patch_are_compiled_and_checked(tmp_path: Path) -> None:
    page = ROOT / "docs" / "writing-a-kernel.md"
    kernel, patch = blocks(page, "c")
    (tmp_path / "kernel.c").write_text(kernel)
    (tmp_path / "fix.c").write_text(patch)
    (tmp_path / "mine.py").write_text(blocks(page, "python")[0].replace("cpus=2", "cpus=1"))
    done = kgraft_sim("check", "mine.py", "--fetch-model", "coherent", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert not broken
