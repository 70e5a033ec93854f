"""A project of somebody else: a kernel function, a patch with a bug, and a test file of ten lines."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import pytest

from tests.packaging.conftest import run

KERNEL = """\
#include "kgraft.h"
#include "cpu.h"

__patchable int limit(void)
{
	return opaque(16);
}

notrace void workload_caller(void)
{
	forget_cpu();
	for (;;) {
		int n = limit();

		guest_assert(n == 16 || n == 8);
	}
}
"""
PATCH = """\
#include "kgraft.h"

int limit(void);

__patchable int limit_fixed(void)
{
	return opaque(7);	/* the deliberate bug: it should be 8 */
}

KGR_PATCH(limit, limit_fixed);
"""
TESTS = """\
import pytest


@pytest.mark.kgraft("fix.c", kernel="kernel.c", fetch=["coherent", "zen3"])
def test_the_fix_is_safe():
    pass


def test_one_store_is_not_enough(kgraft):
    kgraft("fix.c", kernel="kernel.c", protocol="store8", expect="violation:freshness")
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("gcc") is None, reason="compiles a kernel: needs gcc")
def test_a_project_that_installs_the_wheel_finds_its_bug_and_replays_it(wheel: Path, tmp_path: Path) -> None:
    environment, project = tmp_path / "environment", tmp_path / "project"
    run([sys.executable, "-m", "venv", str(environment)], tmp_path)
    programs = environment / "bin"
    run([str(programs / "python"), "-m", "pip", "install", "-q", str(wheel), "pytest"], tmp_path)
    project.mkdir()
    for name, text in (("kernel.c", KERNEL), ("fix.c", PATCH), ("test_fix.py", TESTS)):
        (project / name).write_text(text)

    printed = run([str(programs / "pytest")], project, code=1)
    assert "2 failed, 1 passed" in printed
    assert "vCPU0 panicked: kernel.c:15: n == 16 || n == 8" in printed

    starts = ("replay: kgraft-sim ", "or: pytest ")
    for program, start in zip(("kgraft-sim", "pytest"), starts, strict=True):
        line = next(line for line in printed.splitlines() if line.startswith(start))
        again = run([str(programs / program), *shlex.split(line.removeprefix(start))], project, code=1)
        assert "vCPU0 panicked: kernel.c:15: n == 16 || n == 8" in again

    (project / "fix.c").write_text(PATCH.replace("opaque(7)", "opaque(8)"))
    assert "3 passed" in run([str(programs / "pytest")], project)
