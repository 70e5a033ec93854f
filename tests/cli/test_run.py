"""``run``: one execution, the same for the same seed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.cli.conftest import Cli
from tests.masks import masked

Write = Callable[..., Path]


def test_a_run_shows_what_every_cpu_saw_at_the_site(cli: Cli, scenario: Write, snapshot: SnapshotAssertion) -> None:
    ran = cli("run", scenario(placement=0), "--scheduler", "round-robin")
    assert ran.code == 0
    assert masked(ran.out) == snapshot


def test_a_run_fits_a_narrow_terminal(cli: Cli, scenario: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = scenario(placement=0)
    monkeypatch.setenv("COLUMNS", "40")
    lines = cli("run", path).out.splitlines()[1:]  # the first is a long path
    assert [line for line in lines if len(line) > 40 and "kgraft-sim" not in line and "--json" not in line] == []


@pytest.mark.parametrize("scheduler", ["random", "round-robin", "pct"])
def test_a_seed_decides_everything(cli: Cli, scenario: Write, scheduler: str) -> None:
    path = scenario(cpus=2)
    words = ("run", path, "--scheduler", scheduler, "--seed", "5")
    assert cli(*words).out == cli(*words).out


def test_another_seed_is_another_execution(cli: Cli, scenario: Write) -> None:
    path = scenario()
    assert cli("run", path, "--json", "--seed", "1").out != cli("run", path, "--json", "--seed", "2").out


def test_a_run_that_meets_a_violation_is_exit_code_1(cli: Cli, scenario: Write) -> None:
    ran = cli("run", scenario(protocol="store8", placement=62), "--fetch-model", "byte1", "--seed", "3")
    assert ran.code == 1
    assert "neither old, INT3 nor new" in ran.out
    assert "replay          kgraft-sim replay 'kg1:" in ran.out


def test_verbose_prints_every_step_with_its_source_line(cli: Cli, scenario: Write) -> None:
    ran = cli("run", scenario(), "--verbose", "--scheduler", "round-robin")
    line = next(line for line in ran.out.splitlines() if " answer_fixed+0x5" in line)
    assert line.startswith("vCPU0  #")
    assert line.split()[-1].startswith("guest_kernels/minimal/patches/answer.c:")


def test_steps_end_a_run(cli: Cli, scenario: Write) -> None:
    assert "RAN: 25 steps (stopped by the limit of 25 steps)" in cli("run", scenario(), "--steps", "25").out


def test_options_change_the_machine(cli: Cli, scenario: Write) -> None:
    words = ("--cpus", "3", "--fetch-model", "F", "--protocol", "store8-sync", "--data-model", "sc")
    content = json.loads(cli("run", scenario(), *words, "--json").out)
    assert content["bounds"]["cpus"] == 3
    assert (content["fetch"], content["protocol"], content["data_model"]) == ("stale8", "store8-sync", "sc")


def test_a_scenario_without_a_patch_runs(cli: Cli, scenario: Write) -> None:
    ran = cli("run", scenario(patch=None, edits=()), "--steps", "50")
    assert "nobody patches" in ran.out


def test_guest_code_that_patches_is_told_by_its_functions(cli: Cli, scenario: Write) -> None:
    ran = cli("run", scenario(patchers=("patcher_main",)), "--scheduler", "round-robin")
    assert "text_poke_int3s()" in ran.out
    assert "sends IPI 0xfb to vCPU0" in ran.out
    assert "patcher done" in ran.out


def test_how_to_check_every_schedule_is_said_with_the_options_of_the_run(cli: Cli) -> None:
    ran = cli("run", "basic", "--cpus", "2", "--protocol", "store8", "--fetch-model", "stale8")
    assert ran.out.endswith(
        "\nevery schedule  kgraft-sim check basic --cpus 2 --protocol store8 --fetch-model stale8\n"
    )
