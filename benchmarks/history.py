"""A long history in a process of its own: how fast it goes either way, and what it takes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.process import run
from simulator.explore.history import Timeline
from simulator.machine.engine import Engine
from simulator.scenario import Scenario
from simulator.scenario.build import build

LENGTH = 100_000


class Measured(NamedTuple):
    """Transitions per second, and the most memory that the process had."""

    new: float
    back: float
    again: float
    mebibytes: int


def measured() -> Measured:
    """Measure in a fresh process. Raises RuntimeError."""
    ended = run([sys.executable, "-m", "benchmarks.history"])
    if ended.code:
        raise RuntimeError(f"the history was not measured: {ended.output[-500:]}")
    return Measured(*json.loads(ended.output))


def _measure() -> Measured:
    timeline = Timeline(build(Scenario(cpus=2), Engine()).subject)
    rates = [_rate(move) for move in (timeline.forward, timeline.back, timeline.forward)]
    status = Path("/proc/self/status").read_text()  # getrusage would count what the parent held
    return Measured(*rates, int(status.partition("VmHWM:")[2].split()[0]) // 1024)


def _rate(move: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(LENGTH):
        move()
    return LENGTH / (time.perf_counter() - started)


if __name__ == "__main__":
    print(json.dumps(_measure()))
