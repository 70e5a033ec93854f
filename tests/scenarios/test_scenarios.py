"""Every shipped scenario ends as it says, under every profile, and its counterexamples can be replayed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from simulator.data import data_folder
from simulator.explore.checker import Limits, Options
from simulator.explore.fairness.check import check_with_fairness, kept_waiting
from simulator.explore.schedule import format_choices, parse_choices
from simulator.explore.simulate import replay
from simulator.explore.subject import Subject
from simulator.explore.verdict import Outcome, Verdict
from simulator.machine.engine import Engine
from simulator.machine.profiles import INCLUSIONS, PROFILES
from simulator.scenario.build import configure, prepare
from simulator.scenario.catalogue import Entry, find, names

HEAVY = frozenset(
    {
        "breakpoint-on-ist",
        "history/int3-stack-fix",
        "lock-fix-comes-too-late",
        "nested-nmi",
        "nmi-acks-then-calls",
        "nmi-in-the-stub",
        "nmi-kgraft",
        "nmi-runs-the-site",
    }
)
"""Scenarios that take more than ten seconds under all profiles together."""

OPTIONS = Options(limits=Limits(seconds=300))

SMALLEST = tuple(name for name in PROFILES if name not in {higher for _, higher in INCLUSIONS})
LARGEST = tuple(name for name in PROFILES if name not in {lower for lower, _ in INCLUSIONS})
"""Models that include no other, and those that no other includes."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One scenario under one profile."""

    subject: Subject
    verdict: Verdict


def profiles(entry: Entry) -> tuple[str, ...]:
    """Return the models to check under: one where the question is what tasks see, not how bytes are fetched.

    A pair of the history where fetch does not matter: what is safe in the largest is safe in all, what is wrong in the
    smallest is wrong in all.
    """
    if entry.scenario.model is not None:
        return (entry.scenario.fetch,)
    if entry.name.startswith("history/") and set(entry.scenario.expect) == {"*"}:
        return LARGEST if entry.scenario.expect["*"] == "safe" else SMALLEST
    return tuple(PROFILES)


def cells(entry: Entry) -> dict[str, Cell]:
    """Check a scenario under its profiles; it is loaded, linked and booted once."""
    engine = Engine()
    guest = prepare(entry.scenario, engine)
    found = {}
    for profile in profiles(entry):
        subject = configure(guest, profile, engine).subject
        found[profile] = Cell(subject, check_with_fairness(subject, OPTIONS))
    return found


def unexpected(entry: Entry, table: Mapping[str, Cell]) -> Iterator[str]:
    """Say where a verdict is not the one the scenario announces."""
    for profile, cell in table.items():
        expected = entry.scenario.expected(profile)
        if cell.verdict.label != expected:
            because = cell.verdict.stopped_by or ", ".join(cell.verdict.unmet) or cell.verdict.finding
            yield f"{profile}: {cell.verdict.label} instead of {expected} ({because})"


def not_monotonic(table: Mapping[str, Cell]) -> Iterator[str]:
    """Say where a violation of one profile is none in a profile that allows more."""
    for lower, higher in INCLUSIONS:
        if lower not in table or higher not in table:
            continue
        bad = [table[profile].verdict.outcome is Outcome.VIOLATION for profile in (lower, higher)]
        if bad == [True, False]:
            yield f"violated under {lower}, not under {higher}"


def not_replayable(table: Mapping[str, Cell]) -> Iterator[str]:
    """Say where a counterexample, written down and read again, does not end in its finding."""
    for profile, cell in table.items():
        finding = cell.verdict.finding
        if finding is None or finding.kind == "stuck":
            continue  # that nothing leads to the end any more is no event of a schedule
        steps = tuple(replay(cell.subject, parse_choices(format_choices(cell.verdict.schedule))))
        loop = cell.verdict.loop
        ends_in_it = kept_waiting(cell.subject, steps, loop) == finding if loop else finding in steps[-1].findings
        if not steps or not ends_in_it:
            yield f"{profile}: the replay does not end in {finding}"
        early = [step.number for step in steps[:-1] if step.findings]
        if early:
            yield f"{profile}: the replay finds something at step #{early[0]} of {len(steps)} already"


SHIPPED = [pytest.param(name, marks=pytest.mark.slow if name in HEAVY else (), id=name) for name in names()]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scenario_ends_as_announced_under_every_profile(name: str) -> None:
    entry = find(name)
    table = cells(entry)
    complaints = (*unexpected(entry, table), *not_monotonic(table), *not_replayable(table))
    assert not complaints, "\n".join((f"scenario {name}:", *complaints))


@pytest.mark.parametrize("name", names())
def test_a_shipped_scenario_tells_its_story_in_one_sentence_first(name: str) -> None:
    first = find(name).story.splitlines()[0]
    assert first.endswith((".", "?")) and len(first) <= 115, first


@pytest.mark.parametrize("name", names())
def test_a_shipped_scenario_names_its_source(name: str) -> None:
    assert "Source: " in find(name).story


@pytest.mark.parametrize("name", names())
def test_a_shipped_scenario_announces_a_verdict_for_every_profile(name: str) -> None:
    scenario = find(name).scenario
    assert all(scenario.expected(profile) for profile in PROFILES)


def row(entry: Entry) -> str:
    """Return the line about a scenario in scenarios/README.md."""
    found: dict[str, str] = {}
    for profile in PROFILES.values():
        label = (entry.scenario.expected(profile.name) or "").removeprefix("violation:")
        found[label] = found.get(label, "") + profile.letter
    verdicts = next(iter(found)) if len(found) == 1 else ", ".join(f"{found[label]} {label}" for label in found)
    link = entry.path.relative_to(data_folder("scenarios")).as_posix()
    return f"| [`{entry.name}`]({link}) | {entry.story.splitlines()[0]} | {verdicts} |"


def test_the_folder_s_readme_has_a_row_for_every_scenario() -> None:
    lines = (data_folder("scenarios") / "README.md").read_text().splitlines()
    missing = [each for each in map(row, map(find, names())) if each not in lines]
    assert not missing, "put these rows where they belong:\n" + "\n".join(missing)
