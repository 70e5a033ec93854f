"""A scenario file is a program: it runs itself, then checks itself."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.parametrize(("protocol", "code"), [("text-poke", 0), ("arm-late", 1)])
def test_a_scenario_runs_and_checks_itself(scenario: Callable[..., Path], protocol: str, code: int) -> None:
    path = scenario(protocol=protocol)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "COLUMNS": "80"}
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (code, "")
    assert "step  vCPU  what" in done.stdout
    assert "0 states left" in done.stdout or "VIOLATION" in done.stdout
