"""Consistency models side by side: the answers of a row, and what cannot be compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.errors import ScenarioError
from simulator.explore.checker import Limits
from simulator.machine.engine import Engine
from simulator.scenario.build import build
from simulator.scenario.compare import answer, candidates, under
from simulator.scenario.scenario import Scenario
from simulator.scenario.workload import parse_tasks, scenario_for
from tests.consistency.guests import shipped

ANY = Limits()


def asked(scenario: Scenario, limits: Limits = ANY) -> tuple[bool | None, bool | None]:
    """Return whether a scenario is safe and whether it finishes."""
    found = answer(build(replace(scenario, fetch="coherent"), Engine()), limits)
    return found.safe, found.finishes


def test_a_model_that_violates_consistency_may_still_finish() -> None:
    found = asked(replace(shipped("contract-immediate"), tasks=(("user_reserve_once",),)))
    assert found == (False, True)


def test_a_patch_that_a_sleeper_holds_up_is_safe_and_does_not_finish() -> None:
    found = asked(shipped("asleep-in-old-function"))
    assert found == (True, False)


def test_a_violation_does_not_hide_that_a_sleeper_holds_the_patch_up() -> None:
    found = asked(replace(shipped("asleep-elsewhere-kgraft"), consistency="kgraft-late-test"))
    assert found == (False, False)


def test_a_limit_is_neither_safe_nor_finished() -> None:
    found = asked(shipped("contract-kgraft"), Limits(transitions=1))
    assert found == (None, None)


def test_the_four_models_are_asked_the_same_and_nothing_is_expected() -> None:
    models = candidates(shipped("contract-kgraft"))
    assert [each.protocol_name for each in models] == ["immediate", "kgraft", "hybrid", "stop-machine"]
    assert len({(each.properties, *each.expect) for each in models}) == 1


def test_a_scenario_without_tasks_cannot_be_compared() -> None:
    with pytest.raises(ScenarioError, match="only kernels with tasks have consistency models"):
        candidates(Scenario())


def test_tasks_are_named_after_what_is_patched_where_nobody_says() -> None:
    assert scenario_for("tasks", "contract").tasks == (("user_reserve", "user_reserve"), ("user_reserve",))


def test_a_function_that_the_patch_does_not_have_is_refused() -> None:
    with pytest.raises(ScenarioError, match="no replacement for tick; it has some for reserve, sys_reserve"):
        scenario_for("tasks", "contract", functions=("tick",))


def test_tasks_are_dealt_by_cpu() -> None:
    assert parse_tasks("a, b/c") == (("a", "b"), ("c",))


@pytest.mark.parametrize("text", ["", "a,", "a//b"])
def test_tasks_without_a_name_are_refused(text: str) -> None:
    with pytest.raises(ScenarioError, match="write programs as a,b/c"):
        parse_tasks(text)


def test_guest_code_that_patches_has_no_model_to_change() -> None:
    with pytest.raises(ScenarioError, match=r"patched by guest code \(patcher_main\)"):
        under(Scenario(kernel="tasks", tasks=(("user_reserve",),), patchers=("patcher_main",)), "kgraft")
