"""What is told of a patch while it goes on: who has changed over, and by what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.explore.schedulers.round_robin import RoundRobin
from simulator.explore.simulate import run
from simulator.machine.engine import Engine
from simulator.scenario.build import build
from simulator.scenario.migration import Happening, Led, Marked, Migrated, happenings
from simulator.scenario.scenario import Scenario
from tests.consistency.guests import shipped


def told(scenario: Scenario) -> list[Happening]:
    """Run a scenario by turns; return what happens."""
    built = build(replace(scenario, fetch="coherent"), Engine())
    vcpus = len(built.subject.initial.vcpus)
    steps = run(built.subject, RoundRobin(0, vcpus), 6000, 1)
    return [each for _, found in happenings(built, steps) for each in found]


def ways(scenario: Scenario) -> set[str]:
    return {each.way for each in told(scenario) if isinstance(each, Migrated)}


def one(consistency: str, program: str, **words: int) -> Scenario:
    return replace(
        shipped("contract-kgraft"), patch="ticket", consistency=consistency, tasks=((program,),), words=words
    )


@pytest.mark.parametrize(
    ("scenario", "way"),
    [
        (one("kgraft", "user_ticket", kgr_clear_at_exit=0), "kernel entry"),
        (one("kgraft", "user_ticket", kgr_clear_at_entry=0), "kernel exit"),
        (one("kgraft", "kthread_ticket_safe"), "a safe point"),
        (one("kgraft", "kthread_ticket", kgr_forces=1), "force"),
        (one("hybrid", "kthread_ticket"), "a look at its stack"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_task_migrates_by(scenario: Scenario, way: str) -> None:
    assert ways(scenario) == {way}


def test_every_task_that_is_marked_migrates_once_where_the_patch_is_finished() -> None:
    found = told(replace(shipped("contract-kgraft"), cpus=2))
    marked = [each.task for each in found if isinstance(each, Marked)]
    migrated = [each.task for each in found if isinstance(each, Migrated)]
    assert len(marked) == 3 and sorted(map(str, marked)) == sorted(map(str, migrated))


def test_the_sites_of_kgraft_lead_to_stubs_and_then_to_the_new_functions() -> None:
    led = [each.target for each in told(shipped("contract-kgraft")) if isinstance(each, Led)]
    stubs = ["slow_stub_reserve_1", "slow_stub_sys_reserve_1"]
    assert led == [*stubs, "reserve_bytes", "sys_reserve_bytes"]


def test_a_patch_that_is_taken_back_ends_where_it_began() -> None:
    led = [each.target for each in told(shipped("reversed")) if isinstance(each, Led)]
    assert led[-2:] == ["reserve", "sys_reserve"]
