"""``campaign`` on the command line, and all cores for ``check`` and ``matrix``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from simulator.campaign.explore import Campaign
from tests.cli.conftest import Cli

Write = Callable[..., Path]

UNSAFE = {
    "protocol": "text-poke-none", "placement": 62, "workload": "workload_caller_once", "properties": ("integrity",),
    "expect": {"*": "violation:integrity"},
}  # fmt: skip
STILL = {"protocol": "store8", "placement": 0, "workload": "workload_caller_once", "properties": ("integrity",)}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has a folder, and with it a store, of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def unsafe(scenario: Write) -> str:
    return scenario("unsafe", **UNSAFE).name


@pytest.fixture
def still(scenario: Write) -> str:
    return scenario("still", **STILL).name


def masked(text: str) -> str:
    """Leave out what changes with every new guest or instruction."""
    text = re.sub(r"kg1:[^' ]+", "kg1:STRING", text)
    text = re.sub(r"ffff[0-9a-f]{12}|e9( [0-9a-f]{2}){4}|/0x[0-9a-f]+", "BYTES", text)
    return re.sub(r" *[\d,]+(-[\d,]+)? +[\d,]+ +[\d,]+  #+|\d[\d,]*", "N", text)


def test_a_campaign_reports_coverage_and_violations(cli: Cli, unsafe: str, snapshot: SnapshotAssertion) -> None:
    ran = cli("campaign", unsafe, "--schedules", 100, "-j", 1)
    assert ran.code == 0
    assert masked(ran.out) == snapshot


def test_a_campaign_prints_the_same_with_one_worker_and_with_two(cli: Cli, unsafe: str) -> None:
    words = ("campaign", unsafe, "--schedules", 150)
    assert cli(*words, "-j", 1).out == cli(*words, "-j", 2).out


def test_the_replay_of_a_campaign_reproduces_its_violation(cli: Cli, unsafe: str) -> None:
    (found,) = json.loads(cli("campaign", unsafe, "--schedules", 50, "--json").out)["violations"]
    ran = cli("replay", found["replay"])
    assert (ran.code, "VIOLATION: integrity (torn)" in ran.out) == (1, True)


def test_a_violation_is_met_by_a_run_with_its_seed_too(cli: Cli, unsafe: str) -> None:
    (found,) = json.loads(cli("campaign", unsafe, "--schedules", 50, "--seed", 9, "--json").out)["violations"]
    ran = cli("run", unsafe, "--scheduler", "weighted", "--seed", found["seed"], "--json")
    assert json.loads(ran.out)["finding"]["kind"] == found["kind"]


def test_a_campaign_ends_when_coverage_is_flat(cli: Cli, still: str) -> None:
    content = json.loads(cli("campaign", still, "--until-flat", 100, "--json").out)
    assert content["stopped_by"] == "coverage is flat: nothing new in the last 100 schedules"


def test_a_campaign_without_a_violation_claims_nothing(cli: Cli, still: str) -> None:
    ran = cli("campaign", still, "--schedules", 50)
    assert (ran.code, "no violation in these; nothing is claimed about others" in " ".join(ran.out.split())) == (
        0,
        True,
    )


def test_a_violation_nobody_expects_is_exit_code_1(cli: Cli, scenario: Write) -> None:
    path = scenario(**{**UNSAFE, "expect": {"*": "safe"}})
    ran = cli("campaign", path, "--schedules", 50)
    assert (ran.code, "[expected safe]" in ran.out) == (1, True)


def test_a_violation_that_is_expected_and_not_met_is_exit_code_3(cli: Cli, scenario: Write) -> None:
    path = scenario(**{**STILL, "expect": {"*": "violation:integrity"}})
    ran = cli("campaign", path, "--schedules", 50)
    assert (ran.code, "violation:integrity is expected, and was not met" in " ".join(ran.out.split())) == (3, True)


def test_a_rate_is_shown_only_when_asked_for(cli: Cli, still: str) -> None:
    words = ("campaign", still, "--schedules", 50)
    assert ("schedules/s" in cli(*words).out, "schedules/s" in cli(*words, "--time").out) == (False, True)


def test_results_are_kept_where_the_option_says(cli: Cli, still: str, folder: Path) -> None:
    cli("campaign", still, "--schedules", 50, "--store", "mine.sqlite")
    assert [(folder / name).exists() for name in ("mine.sqlite", ".kgraft")] == [True, False]


def test_a_resumed_campaign_does_not_do_again_what_is_done(cli: Cli, still: str) -> None:
    first = cli("campaign", still, "--schedules", 50)
    again = cli("campaign", still, "--schedules", 50, "--resume", "--time")
    assert first.out in again.out.replace(re.findall(r"rate .*\n", again.out)[0], "")
    assert "0 schedules/s" in again.out


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["text", "json"])
def test_ctrl_c_keeps_what_is_finished_and_is_exit_code_3(
    cli: Cli, unsafe: str, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    explore = Campaign._explore

    def press(campaign: Campaign, progress: object) -> None:
        def interrupt(tally: object) -> None:
            raise KeyboardInterrupt

        explore(campaign, interrupt)

    monkeypatch.setattr(Campaign, "_explore", press)
    ran = cli("campaign", unsafe, "--schedules", 500, "-j", 1, *words)
    assert (ran.code, ran.err) == (3, "kgraft-sim: interrupted\n")
    assert "Ctrl-C" in ran.out
    monkeypatch.undo()


def test_all_fetch_models_are_the_same_with_one_worker_and_with_two(cli: Cli, unsafe: str) -> None:
    words = ("check", unsafe, "--fetch-model", "all", "--json")
    assert cli(*words, "-j", 1).out == cli(*words, "-j", 2).out


def test_a_matrix_is_the_same_with_one_worker_and_with_two(cli: Cli) -> None:
    words = ("matrix", "--protocols", "store8", "--profiles", "A,B", "--placements", "0,62")
    assert cli(*words, "-j", 1).out == cli(*words, "-j", 2).out


def test_ctrl_c_in_a_check_of_many_shows_what_is_finished(
    cli: Cli, unsafe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from simulator.campaign.jobs import CheckJob

    whole = CheckJob.run
    finished: list[str] = []

    def run(job: CheckJob) -> object:
        if len(finished) == 2:
            raise KeyboardInterrupt
        finished.append(job.fetch)
        return whole(job)

    monkeypatch.setattr(CheckJob, "run", run)
    ran = cli("check", unsafe, "--fetch-model", "all", "-j", 1, "--json")
    assert (ran.code, ran.err) == (3, "kgraft-sim: interrupted\n")
    assert [each["fetch"] for each in json.loads(ran.out)["checks"]] == finished == ["coherent", "line64"]
