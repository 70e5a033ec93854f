"""What ``python scenarios/x.py`` does: run the scenario once, then check every schedule."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(file: str | Path) -> None:
    """Run and check the scenario in ``file``, and exit with the code of the check."""
    from simulator.cli.app import main as command

    name = _name(Path(file))
    code = command(["run", name])
    if code <= 1:
        sys.stdout.write("\n")
        code = command(["check", name])
    sys.exit(code)


def _name(path: Path) -> str:
    """Return the short name of a shipped scenario, else a path that can be typed from here."""
    from simulator.data import data_folder
    from simulator.scenario.catalogue import short_name

    path = path.resolve()
    if path.is_relative_to(data_folder("scenarios").resolve()):
        return short_name(path)
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
