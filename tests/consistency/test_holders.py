"""The list of tasks that hold a patch up."""

from __future__ import annotations

from dataclasses import replace

from simulator.explore.schedulers.base import usual
from simulator.explore.schedulers.round_robin import RoundRobin
from simulator.explore.simulate import Execution, run
from simulator.machine.engine import Engine
from simulator.scenario.build import build
from simulator.scenario.holders import Holder, holders
from tests.consistency.guests import shipped


def stuck(name: str) -> tuple[Holder, ...]:
    """Run a scenario whose patch is never finished for a while; return who holds it up in the end."""
    built = build(replace(shipped(name), fetch="coherent"), Engine())
    return holders(built, list(run(built.subject, RoundRobin(0, 2), limit=4000, settle=1))[-1].after)


def test_a_task_asleep_in_an_old_function_is_listed_with_that_function_on_its_stack() -> None:
    found = stuck("asleep-in-old-function")
    assert any(line.startswith("sys_wait+") for holder in found for line in holder.stack)


def test_a_holder_is_named_by_its_program() -> None:
    found = stuck("kthread-without-safe-point")
    assert [holder.program for holder in found] == ["kthread_ticket"]


def test_a_task_that_is_marked_before_its_cpu_has_begun_stands_nowhere() -> None:
    built = build(replace(shipped("contract-kgraft"), fetch="coherent"), Engine())
    execution = Execution(built.subject)
    while len(found := holders(built, execution.state)) < 2:
        execution.take(usual([choice for choice in execution.enabled() if choice.cpu == 1]))
    assert found[1].stack == ()


def test_a_task_that_waits_for_an_event_is_asleep() -> None:
    assert [holder.asleep for holder in stuck("asleep-in-old-function")] == [True]


def test_nobody_holds_a_patch_up_before_it_begins() -> None:
    built = build(replace(shipped("contract-kgraft"), fetch="coherent"), Engine())
    assert holders(built, built.subject.initial) == ()
