"""``minimize``: what each step is needed for is found by checking, and agrees with the scenarios that leave it out."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from simulator.campaign.workers import Workers
from simulator.cli.cases import Search
from simulator.cli.minimizing import Bench, minimized
from simulator.cli.question import ask
from simulator.explore.properties import Finding
from simulator.explore.verdict import Bounds, Outcome, Statistics, Verdict
from simulator.machine.engine import Engine
from simulator.machine.profiles import INCLUSIONS, PROFILES, below
from simulator.patching.steps import Arm, Fence, SyncCores
from simulator.scenario.build import prepare
from simulator.scenario.catalogue import find
from simulator.scenario.minimize import Answer, Minimized, inherited, minimal
from tests.cli.conftest import Cli, cli

__all__ = ["cli"]

WITHOUT = {"no-first-sync": 2, "no-middle-sync": 4, "no-last-sync": 6}
"""Scenarios that leave out one step of text_poke, and the place of that step."""
SMALLER = {"no-middle-sync": (0, 1, 2, 3, 5, 6), "only-sync-3": (0, 1, 3, 5, 6), "only-sync-2": (0, 1, 3, 4, 5)}


@cache
def text_poke() -> Minimized:
    """text_poke across a line, every subset of its steps under every fetch model."""
    question = ask("no-middle-sync", protocol="text-poke")
    bench = Bench(question, tuple(PROFILES), Search(), Workers(1))
    return minimized(bench, prepare(question.scenario, Engine()), in_order=True)


def safe_under(name: str) -> set[str]:
    """Fetch models that a scenario expects to be safe, which the tests of scenarios hold it to."""
    return {profile for profile in PROFILES if find(name).scenario.expected(profile) == "safe"}


@pytest.mark.slow
def test_the_middle_sync_is_needed_in_the_stale_models_only() -> None:
    assert text_poke().needed[4] == {"stale64", "stale8", "stale1", "intel-strict"}


@pytest.mark.slow
@pytest.mark.parametrize("name", WITHOUT)
def test_a_sync_is_needed_where_the_scenario_without_it_is_unsafe(name: str) -> None:
    assert text_poke().needed[WITHOUT[name]] == {*PROFILES} - safe_under(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALLER)
def test_a_smaller_protocol_is_listed_where_the_scenario_that_has_it_is_safe(name: str) -> None:
    rows = [found.row for found in text_poke().minimal if found.variant == SMALLER[name]]
    assert {profile for row in rows for profile, answer in row.items() if answer.safe} == safe_under(name)


def test_the_fix_of_an_unsafe_protocol_is_the_sync_it_lacks(cli: Cli) -> None:
    ran = cli("minimize", "no-sync", "--profiles", "line64", "--in-order", "--no-cache", "-j", "1", "--json")
    (repair,) = json.loads(ran.out)["repairs"]
    assert (ran.code, repair["places"], repair["edits"]) == (0, [0, 1, None, 2, 3], 1)


def test_two_processes_and_a_second_run_that_remembers_say_the_same(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("minimize", "one-store-in-quadword", "--profiles", "A,D")
    assert cli(*words, "-j", "2").out == cli(*words, "-j", "1").out == cli(*words, "-j", "1", "--no-cache").out


def test_where_nothing_near_is_safe_the_report_says_so(cli: Cli) -> None:
    words = ("minimize", "one-store-across-line", "--profiles", "coherent,line64", "--no-cache", "-j", "1")
    assert "nothing is safe under line64" in " ".join(cli(*words).out.split())


def test_a_check_that_a_limit_stops_is_not_safe(cli: Cli) -> None:
    asked = ("minimize", "one-store-in-quadword", "--cpus", "6", "--profiles", "stale64", "--max-seconds", "0")
    words = (*asked, "--no-cache", "-j", "1")
    ran = cli(*words)
    assert (ran.code, "all of them" in ran.out, "(?)" in ran.out) == (3, True, True)
    assert not json.loads(cli(*words, "--json").out)["minimal"]


@pytest.mark.parametrize("name", ["batch", "contract-kgraft"])
def test_a_patcher_in_c_has_no_protocol_to_take_apart(cli: Cli, name: str) -> None:
    ran = cli("minimize", name)
    assert (ran.code, "no protocol to take apart; try no-middle-sync" in ran.err) == (2, True)


# what is concluded ---------------------------------------------------------------------------------------


def verdict(property_: str) -> Verdict:
    finding = Finding(property_, "kind", 0, 0)
    bounds = Bounds(1, 1, "coherent", "tso", (), ())
    return Verdict(Outcome.VIOLATION, bounds, Statistics(0, 0, 0, 0.0, 0), finding)


def test_a_violation_holds_in_every_model_that_includes_the_one_it_was_found_in() -> None:
    assert inherited("stale1", {"coherent": verdict("integrity")}) == "coherent"


def test_a_violation_says_nothing_about_models_beside_it() -> None:
    assert not inherited("intel-strict", {"coherent": verdict("integrity")})


def test_that_a_patcher_waits_for_ever_is_not_passed_on() -> None:
    assert not inherited("stale1", {"coherent": verdict("progress")})


def test_a_model_comes_after_those_it_includes() -> None:
    order = [*PROFILES]
    assert all(order.index(low) < order.index(high) for high in PROFILES for low in below(high))
    assert below("line64") == {"coherent"}
    assert all(low in below(high) for low, high in INCLUSIONS)


def test_smallest_means_that_no_part_is_safe_even_where_something_between_is_not() -> None:
    steps, safe, unsafe = (Arm(), Fence(), SyncCores()), Answer("safe"), Answer("vacuous")
    table = {
        steps: {"A": safe}, steps[:2]: {"A": unsafe}, steps[:1]: {"A": safe}, steps[1:2]: {"A": Answer("incomplete")},
    }  # fmt: skip
    assert [each.variant for each in minimal([(0, 1, 2), (0, 1), (0,), (1,)], steps, table, ["A"])] == [(0,)]
