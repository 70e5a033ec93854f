"""How fast local code runs: the checksum in the guest kernel ``compute``, a million instructions at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator

from simulator.machine.engine import Engine
from simulator.machine.machine import Machine
from simulator.machine.vcpu import VCpu
from simulator.scenario import Scenario
from simulator.scenario.build import build

FAR = 100_000_000
TIMES = 5


def rates() -> Iterator[tuple[str, float, int]]:
    """Yield a name, guest instructions per second (the best of some), and how many instructions were run."""
    scenario = Scenario(kernel="compute", patch="version", workload="workload_checksum")
    subject = build(scenario, Engine()).subject
    start = subject.initial.vcpus[0]
    measured = [_rate(subject.machine, start) for _ in range(TIMES)]
    rate, steps = max(measured)
    yield "burst in local code", rate, steps


def _rate(machine: Machine, start: VCpu) -> tuple[float, int]:
    began = time.perf_counter()
    end = machine.burst(start, FAR)
    return end.steps / (time.perf_counter() - began), end.steps


if __name__ == "__main__":
    for name, rate, steps in rates():
        print(f"{name}: {rate / 1e6:.1f} M guest instructions/s ({steps:,} of them)")
