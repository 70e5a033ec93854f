"""Each real bug is found and its fix proven, and the two scenarios differ in nothing but what the fix changed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from simulator.cli import main
from simulator.explore.checker import Limits, Options
from simulator.explore.fairness.check import check_with_fairness
from simulator.explore.verdict import Verdict
from simulator.machine.engine import Engine
from simulator.scenario.build import build
from simulator.scenario.catalogue import Entry, find, names
from simulator.scenario.scenario import Scenario

PAGE = Path(__file__).parents[2] / "docs" / "history.md"
PREFIX = "history/"
PAIRS = tuple(name.removesuffix("-bug") for name in names() if name.startswith(PREFIX) and name.endswith("-bug"))

WITHIN = 60.0
"""Seconds, also on a machine that has other things to do; alone it takes less than ten."""

SWITCHES = frozenset({"words", "handler", "ist_bp"})
"""What a fix may change."""


@dataclass(frozen=True, slots=True)
class Row:
    """What docs/history.md says about a pair."""

    pair: str
    violated: str
    steps: int
    states: int


def checked(name: str) -> Verdict:
    subject = build(find(name).scenario, Engine()).subject
    return check_with_fairness(subject, Options(limits=Limits(seconds=WITHIN)))


def roughly(number: int) -> object:
    """Whoever changes the guest's library or a reduction need not touch the page for a few steps."""
    return pytest.approx(number, rel=0.2)


def rows() -> dict[str, Row]:
    """Read the table of the page: pair, subsystem, source, mechanism, violated, steps, states."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    found = [Row(f"{PREFIX}{row[0].strip('`')}", row[4], int(row[5]), int(row[6].replace(",", ""))) for row in cells]
    return {row.pair: row for row in found}


def changed(bug: Scenario, fix: Scenario) -> set[str]:
    return {field.name for field in fields(Scenario) if getattr(bug, field.name) != getattr(fix, field.name)}


def source(entry: Entry) -> str:
    return entry.story.partition("Source: ")[2]


@pytest.mark.parametrize("pair", PAIRS)
def test_the_bug_is_found_as_the_page_says(pair: str) -> None:
    verdict, row = checked(f"{pair}-bug"), rows()[pair]
    assert (verdict.label, len(verdict.schedule)) == (f"violation:{row.violated}", roughly(row.steps))


@pytest.mark.parametrize("pair", PAIRS)
def test_the_fix_is_proven_as_the_page_says(pair: str) -> None:
    verdict, row = checked(f"{pair}-fix"), rows()[pair]
    assert (verdict.label, verdict.statistics.states) == ("safe", roughly(row.states))


@pytest.mark.parametrize("pair", PAIRS)
def test_a_bug_and_its_fix_differ_in_what_the_fix_changed_and_in_the_verdict(pair: str) -> None:
    bug, fix = (find(f"{pair}-{which}").scenario for which in ("bug", "fix"))
    difference = changed(bug, fix)
    assert difference - {"expect"} < SWITCHES and len(difference) == 2, difference


@pytest.mark.parametrize("pair", PAIRS)
def test_words_that_differ_are_one_switch(pair: str) -> None:
    bug, fix = (find(f"{pair}-{which}").scenario.words for which in ("bug", "fix"))
    assert bug.keys() == fix.keys()
    assert sum(bug[word] != fix[word] for word in bug) <= 1


@pytest.mark.parametrize("pair", PAIRS)
def test_a_bug_and_its_fix_name_the_same_source(pair: str) -> None:
    assert source(find(f"{pair}-bug")) == source(find(f"{pair}-fix"))


def test_the_page_lists_every_pair() -> None:
    assert sorted(rows()) == sorted(PAIRS)


def test_the_page_shows_the_trace_that_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    main(["check", "history/membarrier-sysret-bug"])
    assert PAGE.read_text().split("```")[-2].strip("\n") in capsys.readouterr().out
