"""One change of a calling contract under four consistency models, with two CPUs and three tasks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.explore.verdict import Outcome
from tests.consistency.guests import shipped, verdict


def test_immediate_violates_consistency_with_three_tasks_on_two_cpus() -> None:
    found = verdict(replace(shipped("contract-immediate"), cpus=2))
    assert found.label == "violation:consistency"


def test_stop_machine_holds_with_three_tasks_on_two_cpus() -> None:
    found = verdict(replace(shipped("contract-stop-machine"), cpus=2))
    assert found.outcome is Outcome.SAFE and found.statistics.frontier == 0


@pytest.mark.slow
@pytest.mark.parametrize("model", ["kgraft", "hybrid"])
def test_a_lazy_model_holds_with_three_tasks_on_two_cpus(model: str) -> None:
    found = verdict(replace(shipped(f"contract-{model}"), cpus=2))
    assert found.outcome is Outcome.SAFE and found.statistics.frontier == 0


def test_the_shortest_counterexample_of_immediate_is_the_same_call_seen_old_then_new() -> None:
    found = verdict(shipped("contract-immediate"))
    assert found.finding is not None and (found.finding.property, found.finding.kind) == ("consistency", "mixed")


@pytest.mark.parametrize("model", ["kgraft", "hybrid", "stop-machine"])
def test_a_consistent_model_takes_its_tasks_over_in_the_plain_case(model: str) -> None:
    assert verdict(replace(shipped(f"contract-{model}"), tasks=(("user_reserve",),))).outcome is Outcome.SAFE
