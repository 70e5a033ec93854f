"""Nothing depends on the process: not a schedule, not a violation, not a state, not what a scheduler picks."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.semantics import fresh

ROOT = Path(__file__).parents[2]
HASH_SEEDS = ("1", "20240229")


@pytest.fixture(scope="module")
def question() -> dict[str, tuple[str, str]]:
    schedules = {name: fresh.counterexample(name) for name in fresh.UNSAFE}
    return {name: (text, fresh.packed(fresh.violation(text)[1])) for name, text in schedules.items()}


@pytest.fixture(scope="module")
def answers(question: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """One answer per hash seed, each from a process of its own."""
    found = []
    for seed in HASH_SEEDS:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-m", "tests.semantics.fresh"],
            input=json.dumps(question), capture_output=True, text=True, check=False, cwd=ROOT, env=environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout))
    return found


def test_the_processes_hash_strings_differently(answers: list[dict[str, Any]]) -> None:
    assert len({hash("a string"), *(answer["hash"] for answer in answers)}) == 1 + len(answers)


@pytest.mark.parametrize("name", fresh.UNSAFE)
def test_a_replay_string_leads_to_the_same_violation(
    name: str, question: dict[str, tuple[str, str]], answers: list[dict[str, Any]]
) -> None:
    findings, _ = fresh.violation(question[name][0])
    assert findings
    assert [answer["violations"][name] for answer in answers] == [findings] * len(answers)


@pytest.mark.parametrize("name", fresh.UNSAFE)
def test_the_shortest_counterexample_is_the_same_text(
    name: str, question: dict[str, tuple[str, str]], answers: list[dict[str, Any]]
) -> None:
    assert {answer["counterexamples"][name] for answer in answers} == {question[name][0]}


@pytest.mark.parametrize("name", fresh.UNSAFE)
def test_a_state_from_another_process_is_equal_and_hashes_alike(name: str, answers: list[dict[str, Any]]) -> None:
    assert all(answer["equal"][name] and answer["same hash"][name] for answer in answers)


@pytest.mark.parametrize("name", fresh.UNSAFE)
def test_a_state_sent_back_is_equal(
    name: str, question: dict[str, tuple[str, str]], answers: list[dict[str, Any]]
) -> None:
    sent = fresh.unpacked(question[name][1])
    assert [fresh.unpacked(answer["states"][name]) for answer in answers] == [sent] * len(answers)


@pytest.mark.parametrize("name", fresh.UNSAFE)
def test_every_scheduler_and_seed_picks_the_same(name: str, answers: list[dict[str, Any]]) -> None:
    assert [answer["runs"][name] for answer in answers] == [fresh.scheduled(name)] * len(answers)


def test_schedulers_and_seeds_differ(answers: list[dict[str, Any]]) -> None:
    """Or the test above would compare one run with itself; round-robin has no more runs than vCPUs."""
    runs = answers[0]["runs"]["unclaimed"]
    assert len(set(runs.values())) >= len(runs) - 1
