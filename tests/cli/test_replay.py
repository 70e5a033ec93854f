"""Replay strings: the same end in any process, and one clear line where they do not fit."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

Write = Callable[..., Path]
CASES = (
    {"protocol": "arm-late", "cpus": 2},
    {"protocol": "store8", "placement": 62},
    {"protocol": "text-poke-none"},
    {"workload": "workload_irqs_off"},
    {"protocol": "text-poke-13", "placement": 62, "fetch": "stale8"},
)


def found(cli: Cli, path: Path, *words: str) -> tuple[str, str]:
    """Return the replay string of a counterexample, and its last line."""
    content = json.loads(cli("check", path, *words, "--json").out)
    return content["checks"][0]["replay"], content["checks"][0]["finding"]["message"]


@pytest.mark.parametrize("keywords", CASES, ids=str)
def test_a_counterexample_replays_in_a_fresh_process_on_another_hash_seed(
    cli: Cli, scenario: Write, keywords: dict[str, object]
) -> None:
    string, message = found(cli, scenario(**keywords))
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-m", "simulator.cli", "replay", string, "--json"],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert (done.returncode, json.loads(done.stdout)["finding"]["message"]) == (1, message)


def test_options_are_in_the_replay_string(cli: Cli, scenario: Write) -> None:
    path = scenario()
    string, message = found(cli, path, "--protocol", "arm-late", "--cpus", "2", "--fetch-model", "qword8")
    assert "+cpus=2+protocol=arm-late+fetch=qword8:" in string
    assert message in " ".join(cli("replay", string).out.split())


def test_run_takes_a_replay_string_too(cli: Cli, scenario: Write) -> None:
    path = scenario(protocol="arm-late")
    string, _ = found(cli, path)
    assert "VIOLATION: traps" in cli("run", path, "--replay", string).out


def test_an_execution_replays_to_its_own_end(cli: Cli, scenario: Write) -> None:
    first = json.loads(cli("run", scenario(), "--seed", "9", "--json").out)
    again = json.loads(cli("replay", first["replay"], "--json").out)
    assert (again["steps"], again["transitions"]) == (first["steps"], first["transitions"])


def test_a_path_with_a_space_and_a_plus_survives(cli: Cli, scenario: Write) -> None:
    string, _ = found(cli, scenario("a + b", protocol="arm-late"))
    assert cli("replay", string).code == 1


def test_white_space_in_a_replay_string_is_ignored(cli: Cli, scenario: Write) -> None:
    string, _ = found(cli, scenario(protocol="arm-late"))
    assert cli("replay", string.replace(",", ",\n  ")).code == 1


def test_a_string_for_another_fetch_model_says_so(cli: Cli, scenario: Write) -> None:
    string, _ = found(cli, scenario(protocol="arm-late"))
    ran = cli("replay", string.replace("fetch=zen3", "fetch=byte1"))
    assert (ran.code, "it was made with fetch=zen3 data-model=tso, not fetch=byte1" in ran.err) == (2, True)


def test_a_string_for_another_guest_says_so(cli: Cli, scenario: Write) -> None:
    string, _ = found(cli, scenario(protocol="arm-late"))
    scenario(protocol="arm-late", placement=62)
    ran = cli("replay", string)
    assert (ran.code, "the guest kernel, the patch, the scenario or the simulator has changed" in ran.err) == (2, True)


def test_a_choice_that_is_not_there_is_named_with_those_that_are(cli: Cli, scenario: Write) -> None:
    string, _ = found(cli, scenario(protocol="arm-late"))
    ran = cli("replay", string.rsplit(":", 1)[0] + ":0x,1n")
    assert "step #2 of the replay is 1n, but the choices were: 0x, 1x" in ran.err


def test_a_replay_that_stops_short_of_the_violation_is_exit_code_0(cli: Cli, scenario: Write) -> None:
    string, _ = found(cli, scenario(protocol="arm-late"))
    assert cli("replay", string.rsplit(":", 1)[0] + ":0x,1x").code == 0
