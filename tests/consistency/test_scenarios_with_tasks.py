"""What a scenario with tasks is refused for, and that what it says reaches the guest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.errors import ScenarioError
from simulator.machine.engine import Engine
from simulator.scenario.build import build, prepare
from simulator.scenario.scenario import Scenario
from tests.consistency.guests import shipped


def test_an_unknown_model_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(ScenarioError, match=r"no consistency model 'lazy'; choose one of: immediate, kgraft, hybrid"):
        Scenario(kernel="tasks", consistency="lazy")


def test_a_model_without_tasks_is_refused() -> None:
    with pytest.raises(ScenarioError, match="a consistency model is about tasks"):
        prepare(replace(shipped("contract-kgraft"), tasks=()), Engine())


def test_a_model_on_a_kernel_without_tasks_is_refused() -> None:
    scenario = Scenario(consistency="kgraft", tasks=(("workload_caller",),))
    with pytest.raises(ScenarioError, match="minimal has no tasks"):
        prepare(scenario, Engine())


def test_more_tasks_than_a_cpu_has_room_for_are_refused() -> None:
    with pytest.raises(ScenarioError, match="4 tasks on a CPU"):
        prepare(replace(shipped("contract-kgraft"), tasks=(("user_reserve",) * 4,)), Engine())


def test_a_function_without_a_replacement_is_refused() -> None:
    with pytest.raises(ScenarioError, match="the patch has no replacement for ticket_make"):
        prepare(replace(shipped("contract-kgraft"), functions=("ticket_make",)), Engine())


def test_kgraft_s_sites_lead_to_a_stub_and_then_to_the_new_function() -> None:
    guest = prepare(shipped("contract-kgraft"), Engine())
    names = [guest.image.symbols.describe(target).partition("+")[0] for target in guest.sites[0].targets]
    assert names == ["slow_stub_reserve_1", "reserve_bytes"]


def test_a_patch_that_is_taken_back_ends_with_the_nop_it_began_with() -> None:
    site = prepare(shipped("revert"), Engine()).sites[0]
    assert site.versions[0] == site.versions[-1]


def test_consistency_is_asked_for_where_there_is_a_model_and_the_order_of_versions_is_not() -> None:
    watched = build(shipped("contract-kgraft"), Engine()).subject.watch.properties
    assert {"consistency", "finalized"} <= watched and "order" not in watched
