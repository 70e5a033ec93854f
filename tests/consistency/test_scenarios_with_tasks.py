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


def leads(name: str) -> dict[str, list[str]]:
    """Return what each site of a shipped scenario leads to in turn."""
    guest = prepare(shipped(name), Engine())
    describe = guest.image.symbols.describe
    return {site.name: [describe(target).partition("+")[0] for target in site.targets] for site in guest.sites}


def test_an_immediate_function_has_no_stub() -> None:
    assert leads("immediate-function") == {
        "ticket_make": ["slow_stub_ticket_make_1", "ticket_make_marked"],
        "ticket_take": ["ticket_take_either", "ticket_take_either"],
    }


def test_an_edit_with_an_at_leaves_other_functions_alone() -> None:
    found = leads("two-patches-second-disabled")
    assert found["sys_reserve"] == ["slow_stub_sys_reserve_1", "sys_reserve_checked", "sys_reserve_checked"]


def test_an_edit_of_a_function_that_is_not_patched_is_refused() -> None:
    with pytest.raises(ScenarioError, match="sys_wait is not patched; functions that are: reserve, sys_reserve"):
        prepare(replace(shipped("contract-kgraft"), edits=("jmp@sys_wait",)), Engine())


def words_of_stack_checks(name: str) -> list[str]:
    """Return the functions whose stacks are searched for before each version of the first site."""
    guest = prepare(shipped(name), Engine())
    row = guest.image.read(guest.image.address("kgr_funcs"), 8 * 19)
    starts = [int.from_bytes(row[at : at + 8], "little") for at in range(8 * 7, 8 * 13, 8)]
    return [guest.image.symbols.describe(start).partition("+")[0] for start in starts if start]


def test_stacks_are_searched_for_the_function_that_goes_and_not_for_the_original() -> None:
    assert words_of_stack_checks("replaced-and-disabled") == ["reserve", "reserve_bytes", "reserve_units"]


def hooks(name: str, transition: int) -> list[str]:
    """Return what is called around a transition: check, before, after, undone; empty for nothing."""
    image = prepare(shipped(name), Engine()).image
    row = image.read(image.address("kgr_hooks") + 32 * transition, 32)
    words = [int.from_bytes(row[at : at + 8], "little") for at in range(0, 32, 8)]
    return [image.symbols.describe(word).partition("+")[0] if word else "" for word in words]


@pytest.mark.parametrize(
    ("name", "transition", "expected"),
    [
        ("callbacks-in-order", 1, ["first_pre_patch", "", "first_post_patch", "first_post_unpatch"]),
        ("callbacks-in-order", 2, ["", "first_pre_unpatch", "first_post_unpatch", ""]),
        ("callbacks-of-the-replacement", 2, ["second_pre_patch", "", "second_post_patch", ""]),
        ("contract-kgraft", 1, ["", "", "", ""]),
    ],
)
def test_a_transition_calls_what_its_patch_says(name: str, transition: int, expected: list[str]) -> None:
    assert hooks(name, transition) == expected


def test_a_patch_that_is_taken_back_ends_with_the_nop_it_began_with() -> None:
    site = prepare(shipped("revert"), Engine()).sites[0]
    assert site.versions[0] == site.versions[-1]


def test_consistency_is_asked_for_where_there_is_a_model_and_the_order_of_versions_is_not() -> None:
    watched = build(shipped("contract-kgraft"), Engine()).subject.watch.properties
    assert {"consistency", "finalized"} <= watched and "order" not in watched
