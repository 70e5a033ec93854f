"""A test folder of its own for each test, with the plugin and no others that are installed."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulator.pytest_plugin
import simulator.testing.judge
import simulator.testing.litmus  # here, because what a run in this process imports is forgotten behind it
from simulator.guest.cache import cache_folder

PLUGINS = ("-p", simulator.pytest_plugin.__name__, "-p", "xdist.plugin")

KERNEL = (Path(__file__).parents[2] / "examples" / "testing" / "kernel.c").read_text()
PATCH = """
#include "kgraft.h"

int limit(void);

__patchable int limit_fixed(void)
{
	return opaque(VALUE);
}

KGR_PATCH(limit, limit_fixed);
"""


class Project:
    """A folder with tests, and a way to run them."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        self.path = pytester.path

    def write(self, tests: str) -> None:
        """Write the test file."""
        self._pytester.makepyfile(f"import pytest\nfrom simulator.scenario import Scenario\n\n{tests}")

    def write_kernel(self, value: int) -> None:
        """Write a kernel, and a patch after which its function returns a value; 8 is right."""
        (self.path / "kernel.c").write_text(KERNEL)
        (self.path / "fix.c").write_text(PATCH.replace("VALUE", str(value)))

    def run(self, *words: str | Path) -> pytest.RunResult:
        """Run pytest in this process."""
        return self._pytester.runpytest_inprocess(*PLUGINS, *words)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("KGRAFT_CACHE", str(cache_folder()))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name in ("CI", "BUILD_NUMBER"):  # there pytest repeats the whole message in its summary
        monkeypatch.delenv(name, raising=False)
    return Project(pytester)
