"""``replay --shrink``: a smaller scenario with the same violation, and the string that replays it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import NamedTuple

from simulator.cli.execution import by_choices
from simulator.cli.question import Question
from simulator.errors import ScheduleError
from simulator.explore.shrink import kind_of, switches
from simulator.guest.cache import write_whole
from simulator.machine.engine import Engine
from simulator.machine.profiles import PROFILES
from simulator.report.result import Result
from simulator.scenario.build import build
from simulator.scenario.catalogue import Entry
from simulator.scenario.scenario import Scenario
from simulator.scenario.smaller import Smaller, made_smaller
from simulator.scenario.source_text import scenario_file

FOLDER = Path(".kgraft") / "smaller"
"""Where a scenario goes that no replay string can name: one with another workload."""


class Change(NamedTuple):
    """One thing that is smaller than it was."""

    what: str
    was: str
    now: str


def shrunk(question: Question, result: Result, *, compiler: str | None = None) -> tuple[Result, tuple[Change, ...]]:
    """Return a replay that ends in the same violation, and what is smaller. Raises ScheduleError if there is none."""
    verdict = result.verdict
    if verdict.finding is None:
        raise ScheduleError("there is nothing to shrink: the replay does not end in a violation")
    fetch = result.profile
    scenario = replace(question.scenario, fetch=fetch)
    before = Smaller(scenario, verdict.schedule, verdict.loop)
    after = made_smaller(before, kind_of(verdict.finding), compiler=compiler)
    asked = _asked(question, after.scenario, verdict.label)
    text = asked.schedule(build(asked.scenario, Engine(), compiler=compiler), after.choices, after.loop)
    return by_choices(asked, text, compiler=compiler), tuple(_changes(before, after))


def _asked(question: Question, scenario: Scenario, label: str) -> Question:
    """Return the question that the smaller scenario is; one that has no name gets a file."""
    if replace(scenario, cpus=question.scenario.cpus) == replace(question.scenario, fetch=scenario.fetch):
        changes = {name: value for name, value in question.changes if name != "cpus"}
        if scenario.cpus != question.entry.scenario.cpus:
            changes["cpus"] = str(scenario.cpus)
        return replace(question, scenario=scenario, changes=tuple(changes.items()))
    scenario = replace(scenario, expect={PROFILES[scenario.fetch].letter: label})
    text = scenario_file(scenario, f"{question.entry.name}, made smaller.")
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    path = FOLDER / f"{question.entry.path.stem}_{digest}.py"
    write_whole(path, text.encode())
    return Question(Entry(path.as_posix(), path, f"{question.entry.name}, made smaller.", scenario), scenario, ())


def _changes(before: Smaller, after: Smaller) -> Iterator[Change]:
    for each in fields(Scenario):
        was, now = getattr(before.scenario, each.name), getattr(after.scenario, each.name)
        if was != now:
            yield Change(each.name, str(was), str(now))
    yield Change("steps", str(len(before.choices)), str(len(after.choices)))
    yield Change("context switches", str(switches(before.choices)), str(switches(after.choices)))
