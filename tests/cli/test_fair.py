"""``check --fair``, and the lasso it prints."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Cli


@pytest.fixture
def replay_string(cli: Cli) -> str:
    found = re.search(r"'(kg1:[^']+)'", cli("check", "refs-awaited-too-early").out)
    assert found is not None
    return found[1]


def test_fair_names_the_property_it_adds(cli: Cli) -> None:
    done = cli("check", "basic", "--fair")
    assert (done.code, "fair-progress" in done.out) == (0, True)


def test_a_scenario_that_only_fairness_breaks_is_not_as_expected_with_it(
    cli: Cli, scenario: Callable[..., Path]
) -> None:
    path = scenario(workload="workload_irqs_off", properties=("integrity",))
    assert (cli("check", path).code, cli("check", path, "--fair").code) == (0, 1)


def test_a_lasso_shows_where_its_loop_begins(cli: Cli) -> None:
    assert "-- and from here on again and again:" in cli("check", "refs-awaited-too-early").out


def test_a_lasso_says_in_json_how_long_its_loop_is(cli: Cli) -> None:
    (checked,) = json.loads(cli("check", "refs-awaited-too-early", "--json").out)["checks"]
    assert (checked["verdict"], checked["loop"] > 0) == ("violation:fair-progress", True)


def test_a_replayed_lasso_is_a_violation_again(cli: Cli, replay_string: str) -> None:
    done = cli("replay", replay_string)
    assert (done.code, "VIOLATION: fair-progress (kept-waiting)" in done.out) == (1, True)


def test_a_loop_that_does_not_close_is_refused(cli: Cli, replay_string: str) -> None:
    shorter = re.sub(r"loop=(\d+)", lambda found: f"loop={int(found[1]) - 1}", replay_string)
    done = cli("replay", shorter)
    assert (done.code, "are not a fair cycle" in done.err) == (2, True)


def test_a_loop_that_is_no_number_is_refused(cli: Cli, replay_string: str) -> None:
    done = cli("replay", re.sub(r"loop=\d+", "loop=all", replay_string))
    assert (done.code, "loop=all in a replay string is not a number" in done.err) == (2, True)
