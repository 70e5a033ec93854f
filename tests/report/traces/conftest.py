"""Executions to trace: a counterexample with an IPI and a stale fetch, one with handlers, one with tasks."""

from __future__ import annotations

from itertools import islice

import pytest

from simulator.explore.checker import check
from simulator.explore.schedulers import scheduler
from simulator.explore.simulate import replay, run
from simulator.explore.verdict import Bounds, Outcome, Statistics, Verdict
from simulator.machine.engine import Engine
from simulator.report.recording import Recording, record
from simulator.report.result import Result
from simulator.scenario import Scenario
from simulator.scenario.build import Built, build


def counterexample(scenario: Scenario) -> Result:
    """Return the shortest counterexample of a scenario that has one."""
    built = build(scenario, Engine())
    verdict = check(built.subject)
    steps = tuple(replay(built.subject, verdict.schedule))
    return Result("case", "A title with <angles> & more.", built, verdict, replay="kg1:case:0:0x", steps=steps)


def execution(scenario: Scenario, steps: int) -> Result:
    """Return one execution under a seeded scheduler."""
    built: Built = build(scenario, Engine())
    chooser = scheduler("random", 1, len(built.subject.initial.vcpus), built.subject.watch)
    taken = tuple(islice(run(built.subject, chooser, steps, steps), steps))
    bounds = Bounds(scenario.cpus, 1, scenario.fetch, scenario.data_model, (), ())
    verdict = Verdict(Outcome.RAN, bounds, Statistics(steps + 1, steps, steps, 0.0, 0))
    return Result("case", "", built, verdict, replay="kg1:case:0:0x", steps=taken)


@pytest.fixture(scope="session")
def stale() -> Recording:
    """A CPU that was synced once executes a new opcode with an old tail."""
    return record(counterexample(Scenario(protocol="text-poke-13", placement=62, fetch="stale8")))


@pytest.fixture(scope="session")
def torn() -> Recording:
    """A CPU that reads a granule per step executes an old head with a new tail."""
    return record(counterexample(Scenario(protocol="text-poke-23", placement=62, fetch="qword8")))


@pytest.fixture(scope="session")
def handled() -> Recording:
    """Two CPUs take breakpoints and IPIs while a function is patched, and one is done."""
    return record(execution(Scenario(cpus=2, placement=62, fetch="fifo8"), 700))


@pytest.fixture(scope="session")
def migrating() -> Recording:
    """Three tasks change over to new functions, each on its own."""
    tasks = (("user_reserve", "user_reserve"), ("user_reserve",))
    return record(execution(Scenario(kernel="tasks", patch="contract", consistency="kgraft", tasks=tasks), 1500))


@pytest.fixture(params=["stale", "torn", "handled", "migrating"])
def recording(request: pytest.FixtureRequest) -> Recording:
    """Every one of them."""
    found: Recording = request.getfixturevalue(request.param)
    return found
