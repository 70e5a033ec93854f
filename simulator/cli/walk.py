"""A history to walk through, from a scenario and the schedule to begin with: what people step in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import typer

from simulator.cli.execution import build_for, ending, of_steps
from simulator.cli.progress import progress
from simulator.cli.question import Question, ask, ask_again, loop_of
from simulator.errors import ScenarioError, ScheduleMismatch
from simulator.explore.checker import Options, check
from simulator.explore.history import Timeline
from simulator.explore.properties import Finding
from simulator.explore.schedule import parse
from simulator.explore.schedulers import scheduler as scheduler_by_name
from simulator.explore.verdict import Outcome
from simulator.machine.choice import Choice
from simulator.machine.engine import Engine
from simulator.report.result import Result
from simulator.scenario.build import Built, build

_WORDS = MappingProxyType({"fetch": "fetch-model", "data_model": "data-model"})
"""Keywords of ``ask`` that have another name on the command line."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A scenario, and a history of it."""

    question: Question
    built: Built
    timeline: Timeline
    loop: int = 0
    """How many of the last choices of the schedule repeat for ever."""

    def replay(self) -> str:
        """Return the replay string that leads to where the history stands."""
        return self.question.schedule(self.built, self.timeline.choices())

    def result(self) -> Result:
        """Return the execution that leads to where the history stands."""
        return of_steps(self.question, self.built, self.timeline.steps[: self.timeline.position])

    def ending(self) -> Finding | None:
        """Return what is wrong with where the schedule ends, if its last step does not say; go to the beginning."""
        if not self.timeline.scheduled:
            return None
        self.timeline.goto(self.timeline.scheduled)
        steps = self.timeline.steps[: self.timeline.scheduled]
        self.timeline.goto(0)
        return ending(self.built, steps, self.loop)


def require_alone(
    replay: str | None, changes: Mapping[str, int | str | None], *, seed: int | None, violation: bool
) -> None:
    """Raise typer.BadParameter where something goes with a replay string: it has its own schedule and options.

    ``changes`` are the keywords of ``ask``.
    """
    options = {f"--{_WORDS.get(name, name)}": value for name, value in changes.items()}
    given = [word for word, value in {**options, "--seed": seed}.items() if value is not None]
    if replay is not None and (given := given + ["--violation"] * violation):
        raise typer.BadParameter(f"a replay string brings its own schedule and options; leave {given[0]} out")


def start(
    name: str, replay: str | None, changes: Mapping[str, Any], *, seed: int | None, violation: bool,
    compiler: str | None,
) -> Walk:  # fmt: skip
    """Begin with a replay string, or with a scenario that is changed by keywords of ``ask``."""
    if replay is not None:
        return follow(name, replay, compiler=compiler)
    return begin(ask(name, **changes), seed, compiler=compiler, find=violation)


def begin(question: Question, seed: int | None, *, compiler: str | None = None, find: bool = False) -> Walk:
    """Begin without a schedule: the vCPUs take turns, or a seeded scheduler chooses.

    With ``find``, the shortest counterexample is the schedule. Raises ScenarioError where there is none.
    """
    built = build(question.scenario, Engine(), compiler=compiler)
    schedule = _counterexample(question.entry.name, built) if find else ()
    cpus = len(built.subject.initial.vcpus)
    chooser = None if seed is None else scheduler_by_name("random", seed, cpus, built.subject.watch)
    return Walk(question, built, Timeline(built.subject, schedule, chooser))


def follow(name: str, replay: str, *, compiler: str | None = None) -> Walk:
    """Begin with the schedule of a replay string. Raises ScheduleMismatch where it is one of another scenario."""
    schedule = parse(replay)
    question, named = ask_again(schedule), ask(name)
    if question.entry.path != named.entry.path:
        raise ScheduleMismatch(f"the replay string is one of {question.entry.name}, not of {named.entry.name}")
    built = build_for(question, schedule, compiler=compiler)
    return Walk(question, built, Timeline(built.subject, schedule.choices), loop_of(schedule))


def _counterexample(name: str, built: Built) -> tuple[Choice, ...]:
    with progress(name) as line:
        verdict = check(built.subject, Options(progress=line))
    if verdict.outcome is Outcome.VIOLATION:
        return verdict.schedule
    raise ScenarioError(f"no violation of {name} to follow: the search ended with {verdict.outcome.value.upper()}")
