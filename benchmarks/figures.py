"""Single figures with the one to reach: some measured here, some read off the searches."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median

from benchmarks import burst, gdb, history, spin, stepping
from benchmarks.one import REDUCTIONS
from benchmarks.process import run as run_command
from benchmarks.results import ANY, CHECK, FOUND, SPIN, Figure, Row
from benchmarks.searches import COMPARED
from simulator.explore.checker import Limits, Options, check
from simulator.explore.reductions import Reductions
from simulator.explore.schedulers import scheduler
from simulator.explore.simulate import run
from simulator.machine.engine import Engine
from simulator.scenario import Scenario
from simulator.scenario.build import build

_GOALS = {1: 0.3, 2: 1.0, 3: 3.0, 4: 10.0}
"""Seconds to a verdict on full text_poke, by executing CPUs, under the slowest fetch model."""

_MODELS = tuple(model.name for model in spin.MODELS if model.reduced)
"""What we are compared with; without its reduction SPIN is measured for the chart only."""

STEPS = 20_000
TRANSITIONS = 1_000_000


def of_searches(rows: tuple[Row, ...]) -> tuple[Figure, ...]:
    """Read the promised figures off what the searches took."""
    return tuple(figure for figure, _ in _read_off(rows))


def missed(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return the searches for which a figure is not what it is to be."""
    return tuple(dict.fromkeys(row for figure, row in _read_off(rows) if figure.met == "no"))


def _read_off(rows: tuple[Row, ...]) -> Iterator[tuple[Figure, Row]]:
    """Yield each figure with the search of ours that it is about."""
    checks = [row for row in rows if row.section == CHECK]
    for cpus, goal in _GOALS.items():
        yield from _slowest(f"full text_poke, {_cpus(cpus)}, slowest fetch model", checks, goal, cpus)
    for row in checks:
        if row.cpus == 8 and row.series == COMPARED:
            yield Figure(f"full text_poke, 8 CPUs, {COMPARED}", row.verdict, "s", 60.0, f"{row.states:,} states"), row
            yield Figure(f"the same, memory of the process, {COMPARED}", row.memory, "MiB", 2048.0), row
    yield from _slowest("any number of CPUs, slowest fetch model", [row for row in rows if row.section == ANY], 10.0)
    found = [row for row in rows if row.section == FOUND]
    yield from _slowest(f"slowest of {len(found)} shortest counterexamples, 2 CPUs", found, 1.0)
    for cpus, ratio, mine, theirs in ratios(rows):
        note = f"{mine.whole:.2f} s against {theirs.whole:.2f} s ({theirs.series})"
        yield Figure(f"time to a verdict against SPIN, {_cpus(cpus)}", ratio, "ratio", 1.0, note), mine


def _cpus(number: int) -> str:
    return "1 CPU" if number == 1 else f"{number} CPUs"


def ratios(rows: tuple[Row, ...]) -> Iterator[tuple[int, float, Row, Row]]:
    """Yield CPUs, our whole time by SPIN's, our row and the better of SPIN's two models, where both finished."""
    mine = {row.cpus: row for row in rows if row.section == CHECK and row.series == COMPARED and row.finished}
    for cpus, row in mine.items():
        theirs = [other for other in rows if other.section == SPIN and other.series in _MODELS
                  and other.cpus == cpus and other.finished]  # fmt: skip
        if cpus is not None and theirs:
            best = min(theirs, key=lambda other: other.whole)
            yield cpus, row.whole / best.whole, row, best


def _slowest(what: str, rows: list[Row], goal: float, cpus: int | None = None) -> Iterator[tuple[Figure, Row]]:
    among = [row for row in rows if cpus is None or row.cpus == cpus]
    if among:
        worst = max(among, key=lambda row: row.verdict)
        note = f"{worst.series}; of {len({row.series for row in among})}"
        yield Figure(what, worst.verdict, "s", goal, note), worst


def singles(runs: int) -> dict[str, Iterator[Figure]]:
    """Return what is measured by itself, by name: nothing is run before it is asked for."""
    return {
        "rate": warm_rate(runs), "schedule": one_schedule(), "burst": native_code(), "gdb": by_gdb(),
        "gdb itself": in_gdb(), "history": along_a_history(), "start": start_up(runs),
    }  # fmt: skip


def warm_rate(runs: int, transitions: int = TRANSITIONS) -> Iterator[Figure]:
    """Transitions per second of the literal system with two CPUs beside the patcher, every effect known already.

    With the reductions on that search is over after some hundred transitions, too few to have a rate.
    """
    subject = build(Scenario(cpus=2, fetch="coherent"), Engine()).subject
    options = Options(Reductions(*(False for _ in REDUCTIONS)), Limits(transitions=transitions))
    check(subject, options)
    found = [check(subject, options).statistics for _ in range(runs)]
    rate = median(each.transitions / each.seconds for each in found)
    yield Figure("explored transitions, 2 CPUs, memo warm", rate, "/s", 300_000,
                 f"the first {found[0].transitions:,} without reductions")  # fmt: skip


def one_schedule() -> Iterator[Figure]:
    """Steps per second of a random run."""
    built = build(Scenario(cpus=2, fetch="zen3"), Engine())
    started = time.perf_counter()
    steps = sum(1 for _ in run(built.subject, scheduler("random", 1, 3), STEPS, STEPS))
    yield Figure("steps of one random schedule", steps / (time.perf_counter() - started), "/s")


def native_code() -> Iterator[Figure]:
    """Instructions per second of a long computation on private memory."""
    for what, rate, steps in burst.rates():
        yield Figure(what, rate, "/s", 10_000_000, f"{steps:,} guest instructions")


def by_gdb() -> Iterator[Figure]:
    """Steps per second that a client of the gdb server takes, each a packet and its answer."""
    for what, rate, steps in stepping.rates():
        yield Figure(what, rate, "/s", 2_000, f"{steps:,} steps")


def in_gdb() -> Iterator[Figure]:
    """Steps per second by gdb itself, beside QEMU's stub where there is a QEMU."""
    for what, rate, note in gdb.rates():
        yield Figure(what, rate, "/s", None if "QEMU" in what else 2_000, note)


def along_a_history() -> Iterator[Figure]:
    """Transitions per second along a long history; back is to be no slower than forwards."""
    found, note = history.measured(), f"{history.LENGTH:,} transitions, 2 CPUs"
    yield Figure("history, new transitions", found.new, "/s", 2_000, note)
    yield Figure("history, forwards again", found.again, "/s", 2_000, note)
    yield Figure("history, back", found.back, "/s", found.again, "no slower than forwards again")
    yield Figure("history, memory of the process", found.mebibytes, "MiB", 300, note)


def start_up(runs: int) -> Iterator[Figure]:
    """The command line: help, and the first result of the README's first command."""
    program = [sys.executable, "-m", "simulator.cli"]
    yield Figure("kgraft-sim --help", _median([*program, "--help"], runs), "s", 0.3)
    first = [*program, "check", "basic", "--fetch-model", "all"]
    yield Figure("first result of the README's first command", _median(first, runs), "s", 3.0)


def _median(command: list[str], runs: int) -> float:
    return median(_seconds(command) for _ in range(runs))


def _seconds(command: list[str]) -> float:
    ended = run_command(command)
    if ended.code:
        raise RuntimeError(f"{command} failed: {ended.output[-2000:]}")
    return ended.seconds


def suite() -> Figure:
    """The whole test suite on all cores."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "pytest", "-q", "-n", "auto"], check=True, capture_output=True)
    return Figure("the whole test suite", time.perf_counter() - started, "s", 240)
