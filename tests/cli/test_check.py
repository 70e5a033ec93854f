"""``check``: verdicts against expectations, counterexamples, tables, exit codes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.cli.conftest import Cli
from tests.masks import masked

Write = Callable[..., Path]


def test_a_safe_scenario_says_what_that_holds_for(cli: Cli, scenario: Write, snapshot: SnapshotAssertion) -> None:
    ran = cli("check", scenario(placement=0))
    assert ran.code == 0
    assert masked(ran.out) == snapshot


def test_a_counterexample_has_a_lane_per_cpu(cli: Cli, scenario: Write, snapshot: SnapshotAssertion) -> None:
    ran = cli("check", scenario(placement=62, protocol="store8"))
    assert masked(ran.out) == snapshot


def test_a_counterexample_ends_like_an_oops(cli: Cli, scenario: Write) -> None:
    ran = cli("check", scenario(placement=62, protocol="text-poke-23"))
    assert "vCPU0 executed 0f 1f" in ran.out or "vCPU0 executed e9" in ran.out
    assert "neither old, INT3 nor new" in ran.out


def test_a_violation_nobody_expects_is_exit_code_1(cli: Cli, scenario: Write) -> None:
    assert cli("check", scenario(protocol="arm-late")).code == 1


def test_a_violation_that_is_expected_is_exit_code_0(cli: Cli, scenario: Write) -> None:
    ran = cli("check", scenario(protocol="arm-late", expect={"*": "violation:traps"}))
    assert (ran.code, "VIOLATION: traps (unclaimed-int3) [as expected]" in ran.out) == (0, True)


def test_a_safe_verdict_where_a_violation_is_expected_is_exit_code_1(cli: Cli, scenario: Write) -> None:
    ran = cli("check", scenario(expect={"*": "violation:traps"}))
    assert (ran.code, "[expected violation:traps]" in ran.out) == (1, True)


def test_an_expectation_ends_where_the_protocol_is_another(cli: Cli, scenario: Write) -> None:
    path = scenario(protocol="arm-late", expect={"*": "violation:traps"})
    ran = cli("check", path, "--protocol", "text-poke")
    assert (ran.code, "expected" in ran.out) == (0, False)


def test_an_option_that_changes_nothing_keeps_the_expectation(cli: Cli, scenario: Write) -> None:
    path = scenario(protocol="arm-late", expect={"*": "violation:traps"})
    assert cli("check", path, "--protocol", "arm-late", "--cpus", "1").code == 0


def test_a_limit_is_exit_code_3_and_says_what_was_covered(cli: Cli, scenario: Write) -> None:
    ran = cli("check", scenario(cpus=4), "--max-transitions", "4000")
    assert ran.code == 3
    assert "INCOMPLETE" in ran.out
    assert "limit of 4,000 transitions" in ran.out


def test_a_small_limit_stops_a_small_search(cli: Cli, scenario: Write) -> None:
    assert "limit of 5 states" in cli("check", scenario(), "--max-states", "5").out


def test_a_vacuous_verdict_lists_what_never_happened(cli: Cli, scenario: Write) -> None:
    ran = cli("check", scenario(demands=("int3_skip_nop",)))
    assert ran.code == 1
    assert "never happened in any schedule:\n  int3_skip_nop" in ran.out


def test_a_patcher_that_waits_for_ever_is_shown_where_it_waits(cli: Cli, scenario: Write) -> None:
    ran = cli("check", scenario(workload="workload_irqs_off"))
    assert "vCPU1 waits for ever in '3. sync cores (ipi)'" in ran.out


def test_reductions_can_be_switched_off(cli: Cli, scenario: Write) -> None:
    off = ("--no-merge", "--no-interrupts", "--no-dead", "--no-symmetry")
    ran = cli("check", scenario(protocol="store8", placement=0), *off)
    assert "reductions  none" in ran.out


def test_all_fetch_models_are_one_table(cli: Cli, scenario: Write, snapshot: SnapshotAssertion) -> None:
    ran = cli("check", scenario(protocol="store8-sync", placement=0), "--fetch-model", "all")
    assert masked(ran.out) == snapshot


def test_what_only_a_specification_allows_is_marked(cli: Cli, scenario: Write) -> None:
    ran = cli("check", scenario(protocol="store8-sync", placement=0), "--fetch-model", "all")
    marked = {line.split()[0] for line in ran.out.splitlines() if "spec-only" in line}
    assert marked == {"byte1", "stale1", "intel-strict"}


def test_what_silicon_shows_is_not_marked(cli: Cli, scenario: Write) -> None:
    ran = cli("check", scenario(protocol="naive-copy"), "--fetch-model", "all")
    assert "spec-only" not in ran.out


@pytest.mark.usefixtures("shipped")
def test_all_scenarios_are_one_table_with_a_closing_line(cli: Cli, snapshot: SnapshotAssertion) -> None:
    ran = cli("check", "--all")
    assert ran.code == 0
    assert masked(ran.out) == snapshot


@pytest.mark.usefixtures("shipped")
def test_the_closing_line_counts_failures(cli: Cli, scenario: Write) -> None:
    scenario("plain", protocol="store8")
    ran = cli("check", "--all")
    assert (ran.code, ran.out.splitlines()[-1]) == (1, "2 passed, 1 failed")


def test_times_are_shown_only_when_asked_for(cli: Cli, scenario: Write) -> None:
    path = scenario(protocol="store8")
    assert ("seconds" in cli("check", path).out, "seconds" in cli("check", path, "--time").out) == (False, True)


def test_json_is_all_there_is_on_stdout(cli: Cli, scenario: Write) -> None:
    ran = cli("check", scenario(protocol="arm-late"), "--json")
    content = json.loads(ran.out)
    assert (ran.code, content["failed"], content["checks"][0]["verdict"]) == (1, 1, "violation:traps")


def test_json_is_the_same_twice(cli: Cli, scenario: Write) -> None:
    path = scenario(protocol="arm-late", cpus=2)
    assert cli("check", path, "--json").out == cli("check", path, "--json").out


def test_nothing_is_on_stderr_when_nobody_waits_at_a_terminal(cli: Cli, scenario: Write) -> None:
    assert cli("check", scenario()).err == ""
