"""Measure what the project promises and print it as a table, or as JSON with ``--json``.

Every figure comes from this run. Times are wall clock; the ratios against SPIN are of two times of the same run.
``--suite`` adds the test suite's time, which takes minutes.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from simulator.explore.checker import Options, check
from simulator.explore.schedulers import scheduler
from simulator.explore.simulate import run
from simulator.explore.verdict import Outcome
from simulator.machine.engine import Engine
from simulator.machine.profiles import PROFILES
from simulator.patching.protocols import PROTOCOLS
from simulator.scenario import Scenario
from simulator.scenario.build import build

ACROSS_LINE = 62


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure and the one to reach, where there is one."""

    what: str
    value: float
    unit: str
    goal: float | None = None
    note: str = ""

    @property
    def met(self) -> str:
        """Say whether the goal is reached."""
        if self.goal is None:
            return ""
        reached = self.value >= self.goal if self.unit.endswith("/s") else self.value <= self.goal
        return "yes" if reached else "no"


def full_text_poke(most: int) -> Iterator[Figure]:
    """Check text_poke with all properties, cold (nothing remembered) under every fetch model."""
    goals = {1: 0.3, 2: 1.0, 3: 3.0, 4: 10.0}
    for cpus in range(1, most + 1):
        for profile in PROFILES:
            engine = Engine()
            built = build(Scenario(cpus=cpus, fetch=profile, placement=ACROSS_LINE), engine)
            verdict = check(built.subject)
            assert verdict.outcome is Outcome.SAFE, verdict
            note = f"{verdict.statistics.states:,} states"
            yield Figure(f"text-poke, {cpus} CPU, {profile}", verdict.statistics.seconds, "s", goals.get(cpus), note)


def warm_rate() -> Iterator[Figure]:
    """Transitions per second with two CPUs beside the patcher."""
    built = build(Scenario(cpus=2, fetch="coherent"), Engine())
    check(built.subject)
    statistics = check(built.subject).statistics
    rate = statistics.transitions / statistics.seconds
    yield Figure("explored transitions, 2 CPUs, memo warm", rate, "/s", 300_000, f"{statistics.transitions:,}")


def counterexamples() -> Iterator[Figure]:
    """Time to the shortest counterexample of every unsafe protocol, two CPUs; the slowest is the figure."""
    slowest, which, found = 0.0, "", 0
    for name, protocol in PROTOCOLS.items():
        workload = "workload_stoppable" if protocol.stops else "workload_caller"
        scenario = Scenario(cpus=2, protocol=name, placement=ACROSS_LINE, workload=workload, fetch="fifo8")
        started = time.perf_counter()
        verdict = check(build(scenario, Engine()).subject, Options())
        seconds = time.perf_counter() - started
        if verdict.outcome is Outcome.VIOLATION:
            found += 1
            if seconds > slowest:
                slowest, which = seconds, name
    yield Figure(f"slowest of {found} shortest counterexamples, 2 CPUs", slowest, "s", 1.0, which)


def one_schedule() -> Iterator[Figure]:
    """Steps per second of a random run."""
    built = build(Scenario(cpus=2, fetch="zen3"), Engine())
    started = time.perf_counter()
    steps = sum(1 for _ in run(built.subject, scheduler("random", 1, 3), 20_000, 20_000))
    yield Figure("steps of one random schedule", steps / (time.perf_counter() - started), "/s")


def start_up() -> Iterator[Figure]:
    """The command line: help, and the first result of the README's first command once installed."""
    program = [sys.executable, "-m", "simulator.cli"]
    yield Figure("kgraft-sim --help", _fastest([*program, "--help"]), "s", 0.3)
    first = [*program, "check", "basic", "--fetch-model", "all"]
    yield Figure("first result of the README's first command", _fastest(first, 2), "s", 3.0)


def _fastest(command: list[str], times: int = 5) -> float:
    measured = []
    for _ in range(times):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        measured.append(time.perf_counter() - started)
    return min(measured)


def against_spin(most: int) -> Iterator[Figure]:
    """Wall time to a verdict, from source to answer, against SPIN on a model of the same protocol."""
    spin, gcc = shutil.which("spin"), shutil.which("gcc")
    if spin is None or gcc is None:
        return
    model = Path(__file__).with_name("text_poke.pml")
    for cpus in range(1, most + 1):
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            for command in ([spin, f"-DN={cpus}", "-a", str(model)], [gcc, "-O2", "-DSAFETY", "-o", "pan", "pan.c"],
                            ["./pan", "-m500000", "-w22"]):  # fmt: skip
                done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
            assert "errors: 0" in done.stdout, done.stdout
            theirs = time.perf_counter() - started
        started = time.perf_counter()
        check(build(Scenario(cpus=cpus, fetch="stale1", placement=ACROSS_LINE), Engine()).subject)
        ours = time.perf_counter() - started
        yield Figure(f"time to a verdict against SPIN, {cpus} CPU", ours / theirs, "ratio", 1.0,
                     f"{ours:.2f} s against {theirs:.2f} s")  # fmt: skip


def suite() -> Iterator[Figure]:
    """The whole test suite on all cores."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "pytest", "-q", "-n", "auto"], check=True, capture_output=True)
    yield Figure("the whole test suite", time.perf_counter() - started, "s", 240)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure and print the figures.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--cpus", type=int, default=2, help="executing CPUs to go up to (default 2)")
    parser.add_argument("--suite", action="store_true", help="also time the test suite")
    arguments = parser.parse_args()
    figures = [
        *full_text_poke(arguments.cpus), *warm_rate(), *counterexamples(), *one_schedule(), *start_up(),
        *against_spin(arguments.cpus), *(suite() if arguments.suite else ()),
    ]  # fmt: skip
    if arguments.json:
        rows = [asdict(figure) for figure in figures]
        print(json.dumps({"python": platform.python_version(), "figures": rows}, indent=2))
        return
    print(f"{'figure':<52} {'measured':>14} {'goal':>10}  met  note")
    for figure in figures:
        value = f"{figure.value:,.0f} {figure.unit}" if figure.value > 1000 else f"{figure.value:.2f} {figure.unit}"
        goal = "" if figure.goal is None else f"{figure.goal:,g}"
        print(f"{figure.what:<52} {value:>14} {goal:>10}  {figure.met:<3}  {figure.note}")


if __name__ == "__main__":
    main()
