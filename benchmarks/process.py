"""Commands in processes of their own: how long they took and what they said."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_GRACE = 20.0
"""Seconds that an interrupted process has to say how far it came."""


class Ended(NamedTuple):
    """A process that has ended."""

    seconds: float
    code: int
    output: str
    interrupted: bool
    """The limit struck, and the process was asked to end by SIGINT."""


def run(command: Sequence[str], folder: Path | None = None, limit: float | None = None) -> Ended:
    """Run a command to its end, or to the limit in seconds, and return what it wrote to both outputs."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    interrupted = False
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        interrupted = True
        process.send_signal(signal.SIGINT)
        output, _ = _last_words(process)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return Ended(time.perf_counter() - started, process.returncode, output, interrupted)


def _last_words(process: subprocess.Popen[str]) -> tuple[str, str | None]:
    try:
        return process.communicate(timeout=_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()
