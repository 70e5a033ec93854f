"""``replay --shrink``: the same violation with fewer CPUs, fewer calls and fewer switches."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.scenario import Scenario
from simulator.scenario.smaller import candidates
from tests.cli.conftest import Cli, cli, scenario

__all__ = ["cli", "scenario"]


@pytest.fixture
def torn(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A counterexample in which two CPUs call a function without end."""
    monkeypatch.chdir(tmp_path)
    return str(json.loads(cli("check", "no-sync", "--cpus", "2", "--json").out)["checks"][0]["replay"])


def changes(cli: Cli, string: str) -> dict[str, tuple[str, str]]:
    shrunk = json.loads(cli("replay", string, "--shrink", "--json").out)["shrunk"]
    return {each["what"]: (each["was"], each["now"]) for each in shrunk}


def test_cpus_and_calls_that_a_violation_does_not_need_are_left_out(cli: Cli, torn: str) -> None:
    found = changes(cli, torn)
    assert (found["cpus"], found["workload"]) == (("2", "1"), ("workload_caller", "workload_caller_once"))


def test_what_is_left_takes_fewer_steps_and_switches(cli: Cli, torn: str) -> None:
    found = changes(cli, torn)
    assert all(int(found[what][1]) < int(found[what][0]) for what in ("steps", "context switches"))


def test_the_smaller_string_replays_to_the_same_violation(cli: Cli, torn: str) -> None:
    smaller = json.loads(cli("replay", torn, "--shrink", "--json").out)["replay"]
    ran = cli("replay", smaller)
    assert (ran.code, "VIOLATION: integrity (torn) [as expected]" in ran.out) == (1, True)


def test_the_smallest_stays_as_it_is(cli: Cli, torn: str) -> None:
    smaller = json.loads(cli("replay", torn, "--shrink", "--json").out)["replay"]
    assert json.loads(cli("replay", smaller, "--shrink", "--json").out)["replay"] == smaller


def test_a_scenario_with_fewer_cpus_only_keeps_its_name(cli: Cli, scenario: Callable[..., Path]) -> None:
    path = scenario(protocol="arm-late", workload="workload_caller_once")
    found = json.loads(cli("check", path, "--cpus", "3", "--json").out)["checks"][0]["replay"]
    smaller = json.loads(cli("replay", found, "--shrink", "--json").out)["replay"]
    assert ("+cpus=3+" in found, smaller.split(":")[1]) == (True, f"{path}+fetch=zen3")


def test_a_patcher_that_is_never_done_still_is_not(cli: Cli) -> None:
    found = json.loads(cli("check", "interrupts-off", "--cpus", "2", "--json").out)["checks"][0]["replay"]
    ran = cli("replay", found, "--shrink", "--json")
    assert (ran.code, json.loads(ran.out)["finding"]["property"]) == (1, "progress")


def test_a_replay_without_a_violation_is_refused(cli: Cli) -> None:
    string = json.loads(cli("run", "basic", "--json").out)["replay"]
    ran = cli("replay", string, "--shrink")
    assert (ran.code, "does not end in a violation" in ran.err) == (2, True)


# what is tried -------------------------------------------------------------------------------------------


def test_one_thing_is_made_smaller_at_a_time() -> None:
    """Fewer CPUs in 2 ways, NMIs in 1, edits in 1, a shorter workload in 2, and a word of 4 in 3."""
    whole = Scenario(
        cpus=3, nmis=1, edits=("jmp", "nop"), workload=("workload_a", "workload_b_twice"), words={"count": 4, "flag": 1}
    )
    tried = [*candidates(whole, {"workload_a_once", "workload_b_once"}.__contains__)]
    assert [each.cpus for each in tried if each.cpus != 3] == [1, 2]
    assert [each.words["count"] for each in tried if each.words["count"] != 4] == [1, 2, 3]
    assert [each.workload for each in tried if each.workload != whole.workload] == [
        ("workload_a_once", "workload_b_twice"), ("workload_a", "workload_b_once"),
    ]  # fmt: skip
    assert len(tried) == 2 + 1 + 1 + 2 + 3


def test_tasks_are_left_out_or_end_sooner_and_no_cpu_loses_its_last() -> None:
    whole = Scenario(tasks=(("user_a", "+user_b"), ("user_c",)))
    tried = [each.tasks for each in candidates(whole, {"user_b_once"}.__contains__)]
    assert tried == [(("+user_b",), ("user_c",)), (("user_a",), ("user_c",)), (("user_a", "+user_b_once"), ("user_c",))]
