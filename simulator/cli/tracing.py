"""``--trace FILE``: what ``run``, ``check`` and ``replay`` share."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from simulator.errors import TraceError
from simulator.report.result import Result
from simulator.report.trace_file import require_format, save

__all__ = ["require_format", "require_one_scenario", "write"]


def require_one_scenario(path: Path, several: bool) -> None:
    """Refuse a trace of several scenarios, and one of no known format. Raises TraceError."""
    require_format(path)
    if several:
        raise TraceError("--trace shows one execution: give one scenario (--fetch-model all is fine)")


def write(path: Path | None, results: Sequence[Result]) -> None:
    """Write a trace where one was asked for; where there is nothing to show, say so on stderr."""
    if path is None or not results:
        return
    reason = save(path, results)
    if reason:
        sys.stdout.flush()
        sys.stderr.write(f"kgraft-sim: {reason}\n")
