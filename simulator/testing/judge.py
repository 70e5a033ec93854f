"""One check of a test: its verdict, kept or new or replayed, and what to say where it is not as it should be."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from simulator.cli.cases import Search, cases, told
from simulator.cli.execution import by_choices
from simulator.explore.schedule import Schedule
from simulator.explore.verdict import Outcome
from simulator.report.header import header
from simulator.report.result import Result
from simulator.report.verdict import full, headline
from simulator.testing.subjects import Subject


@dataclass(frozen=True, slots=True)
class Judgement:
    """A result, and whether it was made by a replay string instead of a search."""

    subject: Subject
    result: Result
    replayed: bool = False
    failure: str = field(default="", compare=False)
    """Why the test fails, as text; empty where it does not."""


def judge(subject: Subject, search: Search, test: str, replay: Schedule | None = None) -> Iterator[Judgement]:
    """Yield a judgement for each fetch model. ``replay`` takes the place of the search it was made for."""
    for case in cases(subject.question, subject.models, search):
        if replay is not None and replay.fingerprint == case.built().fingerprint:
            asked = replace(subject.question, scenario=replace(subject.question.scenario, fetch=case.fetch))
            yield _replayed(subject, by_choices(asked, str(replay), compiler=search.compiler))
            continue
        result = told(subject.question, case.built, case.check(), subject.expected(case.fetch))
        yield Judgement(subject, result, failure="" if result.passed else _failure(subject, result, test))


def _replayed(subject: Subject, result: Result) -> Judgement:
    if result.verdict.outcome is not Outcome.VIOLATION:
        return Judgement(subject, result, replayed=True)
    return Judgement(subject, result, replayed=True, failure=f"{_head(result)}\n\n{full(result)}")


def _failure(subject: Subject, result: Result, test: str) -> str:
    parts = [_head(result), full(result)]
    if result.passed is None:
        parts.append(
            "INCOMPLETE is not safe: the search was stopped before it was done. Give the test more time\n"
            "(seconds=...), or ask for fewer CPUs or a smaller workload."
        )
    if result.replay:
        subject.write()
        parts.append(f"or: pytest {shlex.quote(test)} --kgraft-replay={shlex.quote(result.replay)}")
    return "\n\n".join(parts)


def _head(result: Result) -> str:
    """Return the verdict, which a list of failed tests shows, and then what was checked."""
    return f"{headline(result)} under {result.profile}\n\n{header(result.name, result.title, result.built)}"
