"""A violation of a consistency model names the task, both functions, and the universe of each."""

import re
from functools import cache

import pytest

from simulator.explore.checker import check
from simulator.explore.properties import TASK_PROPERTIES, Finding
from simulator.explore.simulate import replay
from simulator.machine.engine import Engine
from simulator.report.finding import explain
from simulator.report.words import Narrator
from simulator.scenario.build import Built, build
from simulator.scenario.catalogue import find


@cache
def shipped(name: str) -> Built:
    return build(find(name).scenario, Engine())


def explained(name: str) -> str:
    """Return the last line of the shortest counterexample, without the numbers of steps."""
    built = shipped(name)
    verdict = check(built.subject)
    assert verdict.finding is not None
    steps = tuple(replay(built.subject, verdict.schedule))
    return re.sub("#[0-9]+", "#N", explain(Narrator(built), verdict.finding, steps))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "contract-immediate",
            "vCPU0's task 0 (user_reserve) executed reserve_bytes(), universe 1, "
            "after sys_reserve(), universe 0 (#N), with no safe point between",
        ),
        (
            "timer-immediate",
            "vCPU0's interrupt handler executed ticket_take(), universe 0, "
            "after ticket_make_sealed(), universe 1 (#N), in one interrupt",
        ),
    ],
)
def test_a_mixture_names_both_functions_and_their_universes(name: str, line: str) -> None:
    assert explained(name) == line


def test_the_function_that_came_first_is_the_one_whose_step_is_named() -> None:
    built = shipped("contract-immediate")
    verdict = check(built.subject)
    steps = tuple(replay(built.subject, verdict.schedule))
    assert verdict.finding is not None
    number = int(re.findall("#([0-9]+)", explain(Narrator(built), verdict.finding, steps))[0])
    assert Narrator(built).function(steps[number - 1].before.vcpus[0].rip) == "sys_reserve"


def test_a_stub_that_still_leads_to_an_old_function_names_it_and_the_universe_that_is_left() -> None:
    built = shipped("contract-kgraft")
    universes, narrator = built.subject.watch.universes, Narrator(built)
    assert universes is not None
    exit_ = min(universes.retired)
    finding = Finding("finalized", "old", 0, exit_, built.image.read(exit_, 5))
    assert explain(narrator, finding, ()) == (
        f"vCPU0's task 0 (user_reserve) was led to reserve(), universe 0, at {narrator.where(exit_)}: "
        "the patcher is done, only universe 1 is left"
    )


@pytest.mark.parametrize("name", TASK_PROPERTIES)
def test_every_property_of_tasks_has_a_line_of_its_own(name: str) -> None:
    built = shipped("contract-kgraft")
    universes = built.subject.watch.universes
    assert universes is not None
    finding = Finding(name, "", 0, min(universes.versions), b"\xc3")
    assert "violated" not in explain(Narrator(built), finding, ())
