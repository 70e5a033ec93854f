"""The command that needs a person: what it refuses, and what it begins with."""

import pytest

from simulator.cli.question import ask
from simulator.cli.walk import begin, follow
from simulator.errors import ScenarioError, ScheduleMismatch
from tests.cli.conftest import Cli


def test_without_a_terminal_it_says_what_to_do(cli: Cli) -> None:
    ran = cli("step", "no-first-sync")
    assert (ran.code, ran.err) == (
        2, "kgraft-sim: step needs a terminal; 'kgraft-sim run --verbose' prints the steps of an execution\n",
    )  # fmt: skip


@pytest.mark.parametrize("option", ["--cpus 2", "--fetch-model zen3", "--seed 3", "--violation"])
def test_a_replay_string_brings_its_own_options(cli: Cli, option: str) -> None:
    ran = cli("step", "no-first-sync", "--replay", "kg1:no-first-sync:0:0x", *option.split())
    assert (ran.code, f"leave {option.split()[0]} out" in ran.err) == (2, True)


def test_the_string_of_a_walk_is_followed_to_the_same_state() -> None:
    first = begin(ask("no-first-sync"), None, find=True)
    first.timeline.goto(first.timeline.scheduled)
    second = follow("no-first-sync", first.replay())
    second.timeline.goto(second.timeline.scheduled)
    assert second.timeline.state == first.timeline.state
    assert second.timeline.findings == first.timeline.findings


def test_the_shortest_counterexample_ends_in_the_violation() -> None:
    walk = begin(ask("no-first-sync"), None, find=True)
    walk.timeline.goto(walk.timeline.scheduled)
    assert walk.timeline.findings


def test_where_nothing_is_violated_there_is_nothing_to_follow() -> None:
    with pytest.raises(ScenarioError, match="the search ended with SAFE"):
        begin(ask("basic"), None, find=True)


def test_a_string_of_another_scenario_is_refused() -> None:
    string = begin(ask("no-first-sync"), None).replay()
    with pytest.raises(ScheduleMismatch, match="one of no-first-sync, not of basic"):
        follow("basic", string)


def test_a_schedule_without_end_says_what_is_wrong_with_it(cli: Cli) -> None:
    walk = begin(ask("interrupts-off"), None, find=True)
    ending = walk.ending()
    assert ending is not None
    assert (ending.property, walk.timeline.position) == ("progress", 0)
