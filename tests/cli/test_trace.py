"""``--trace FILE`` on run, check and replay."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

Write = Callable[..., Path]


def test_run_writes_the_execution_that_it_shows(cli: Cli, scenario: Write, tmp_path: Path) -> None:
    ran = cli("run", scenario(), "--json", "--trace", tmp_path / "t.json")
    trace, shown = json.loads((tmp_path / "t.json").read_text()), json.loads(ran.out)
    assert (len(trace["steps"]), trace["replay"]) == (shown["steps"], shown["replay"])


def test_check_writes_its_counterexample(cli: Cli, scenario: Write, tmp_path: Path) -> None:
    ran = cli("check", scenario(protocol="arm-late"), "--trace", tmp_path / "t.json")
    trace = json.loads((tmp_path / "t.json").read_text())
    assert (ran.code, trace["verdict"]) == (1, "violation:traps")
    assert trace["replay"] in ran.out


def test_the_trace_of_a_replay_ends_as_the_trace_of_the_check(cli: Cli, scenario: Write, tmp_path: Path) -> None:
    cli("check", scenario(protocol="arm-late"), "--trace", tmp_path / "check.json")
    checked = json.loads((tmp_path / "check.json").read_text())
    assert cli("replay", checked["replay"], "--trace", tmp_path / "replay.json").code == 1
    replayed = json.loads((tmp_path / "replay.json").read_text())
    assert (replayed["steps"], replayed["finding"]) == (checked["steps"], checked["finding"])


def test_a_safe_check_has_a_page_with_its_bounds(cli: Cli, scenario: Write, tmp_path: Path) -> None:
    assert cli("check", scenario(), "--trace", tmp_path / "t.html").code == 0
    page = (tmp_path / "t.html").read_text()
    assert [word in page for word in ("SAFE", "1 executes, 1 patches; fetch zen3", 'id="trace"')] == [True, True, False]


@pytest.mark.parametrize("suffix", ["json", "pftrace", "txt"])
def test_a_safe_check_has_no_other_trace_and_says_so(cli: Cli, scenario: Write, tmp_path: Path, suffix: str) -> None:
    ran = cli("check", scenario(), "--trace", tmp_path / f"t.{suffix}")
    assert (ran.code, (tmp_path / f"t.{suffix}").exists()) == (0, False)
    assert "SAFE has no execution to show" in ran.err


def test_all_fetch_models_become_a_table_with_the_first_violation(cli: Cli, scenario: Write, tmp_path: Path) -> None:
    path = scenario(protocol="store8", placement=62, expect={"A": "violation:freshness", "*": "violation:integrity"})
    cli("check", path, "--fetch-model", "all", "-j", "1", "--trace", tmp_path / "t.html")
    page = (tmp_path / "t.html").read_text()
    assert page.count('<th scope="row">') == 10
    assert "The execution above is that under coherent." in page


def test_a_trace_of_several_scenarios_is_refused_before_any_work(cli: Cli, tmp_path: Path) -> None:
    ran = cli("check", "--all", "--trace", tmp_path / "t.html")
    assert (ran.code, ran.out) == (2, "")
    assert "give one scenario" in ran.err


@pytest.mark.parametrize("command", ["run", "check"])
def test_an_unknown_suffix_is_refused_before_any_work(cli: Cli, scenario: Write, command: str) -> None:
    ran = cli(command, scenario(), "--trace", "trace.svg")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ".pftrace" in ran.err
