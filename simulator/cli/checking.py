"""Checks one after another, and their report: what ``check`` and scenario scripts share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from simulator.campaign.jobs import CheckJob
from simulator.campaign.workers import Workers
from simulator.cli.cases import Search, cases, told
from simulator.cli.exits import Exit
from simulator.cli.gathering import gather
from simulator.cli.output import show, width
from simulator.cli.progress import progress
from simulator.cli.question import Question, ask
from simulator.errors import ScenarioError
from simulator.explore.checker import Limits, Options
from simulator.explore.fairness.check import check_with_fairness
from simulator.explore.reductions import Reductions
from simulator.explore.verdict import Outcome, Verdict
from simulator.machine.engine import Engine
from simulator.machine.profiles import PROFILES, profile
from simulator.report import documents, summary, verdict
from simulator.report.header import header
from simulator.report.result import UNMEASURED, Result
from simulator.scenario.any_number import check_any, prepare_family
from simulator.scenario.build import Built
from simulator.scenario.catalogue import names as scenario_names
from simulator.scenario.footprint import Checked
from simulator.scenario.verdict_cache import NO_CACHE, VerdictCache

ALL = "all"
_SILICON = "zen3"
_TRIAL = 20.0
"""Seconds for each number of CPUs that is tried where no proof for any number was found."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be checked, and how."""

    names: tuple[str, ...]
    every: bool
    fetch: str | None
    cpus: int | None
    protocol: str | None
    model: str | None
    data_model: str | None
    reductions: Reductions
    limits: Limits
    compiler: str | None
    fair: bool = False
    any_number: bool = False
    cache: VerdictCache = NO_CACHE

    @property
    def search(self) -> Search:
        """Return how each case is checked."""
        return Search(self.reductions, self.limits, self.fair, self.compiler, self.cache)


def check_all(wanted: Wanted, workers: Workers) -> tuple[list[Result], BaseException | None]:
    """Check every scenario under every fetch model that is wanted.

    Ctrl-C and lost workers end it with what is finished; the second value is then what is to be raised once
    that is told.
    """
    names = [*wanted.names, *(scenario_names() if wanted.every else ())]
    if not names:
        raise ScenarioError("check what? give a scenario, or --all ('kgraft-sim list' shows them)")
    if wanted.fetch not in (None, ALL):
        profile(wanted.fetch)  # before any work
    questions = [
        ask(name, cpus=wanted.cpus, protocol=wanted.protocol, model=wanted.model, data_model=wanted.data_model)
        for name in dict.fromkeys(names)
    ]
    if wanted.any_number:
        return [result for question in questions for result in _any_number(question, wanted)], None
    if len(questions) == 1 and len(only := _models(questions[0], wanted)) == 1 and workers.dask is None:
        case = next(cases(questions[0], only, wanted.search))
        with progress(case.name) as line:
            return [case.result(case.check(line))], None
    return _check_many(questions, wanted, workers)


def _any_number(question: Question, wanted: Wanted) -> Iterator[Result]:
    """Check one scenario for every number of CPUs at once."""
    engine = Engine()
    family = prepare_family(question.scenario, engine, compiler=wanted.compiler)
    limits = wanted.limits if wanted.limits.seconds is not None else replace(wanted.limits, seconds=_TRIAL)
    options = Options(wanted.reductions, limits)
    for fetch in _models(question, wanted):
        answer = check_any(
            family, fetch, engine, lambda built: check_with_fairness(built.subject, options, fair=wanted.fair),
            compiler=wanted.compiler,
        )  # fmt: skip
        cpus = answer.built.scenario.cpus
        asked = question if answer.verdict.bounds.cpus is None else ask(
            question.entry.name, cpus=cpus, protocol=wanted.protocol, model=wanted.model,
            data_model=wanted.data_model,
        )  # fmt: skip
        yield told(asked, partial(_itself, answer.built), answer.verdict, question.expected(fetch))


def _itself(built: Built) -> Built:
    return built


def exit_code(results: Sequence[Result]) -> Exit:
    """Return the exit code for a list of verdicts."""
    if any(result.passed is False for result in results):
        return Exit.FAILED
    return Exit.INCOMPLETE if any(result.passed is None for result in results) else Exit.OK


def report(results: Sequence[Result], *, time: bool, as_json: bool) -> None:
    """Print verdicts: one in full, several as a table."""
    if as_json:
        counts = {str(value): sum(each.passed is value for each in results) for value in (True, False, None)}
        content = documents.document(
            "check", checks=[documents.result(each, time=time) for each in results],
            passed=counts["True"], failed=counts["False"], incomplete=counts["None"],
        )  # fmt: skip
        show(documents.dumps(content))
    elif len(results) == 1:
        only, columns = results[0], width()
        show(f"{header(only.name, only.title, only.built, columns)}\n\n{verdict.full(only, columns, time=time)}")
    else:
        show(_several(results, time=time))


def _several(results: Sequence[Result], *, time: bool) -> str:
    columns = width()
    parts = []
    if len({result.name for result in results}) == 1:
        several = f"{len(results)} models, from coherent to intel-strict" if len(results) > 1 else ""
        parts.append(header(results[0].name, results[0].title, results[0].built, columns, fetch=several))
        violated = [result for result in results if result.verdict.outcome is Outcome.VIOLATION]
        if violated:
            first = violated[0]
            parts.append(f"under {first.profile}:\n{verdict.counterexample(first, columns)}")
    parts.append(summary.summary(results, columns, time=time))
    wrong = [result for result in results if result.passed is False]
    if wrong and len(parts) == 1:
        parts.append("\n".join(f"kgraft-sim check {each.name} --fetch-model {each.profile}" for each in wrong))
    parts.append(summary.closing(results))
    return "\n\n".join(parts)


def _check_many(
    questions: Sequence[Question], wanted: Wanted, workers: Workers
) -> tuple[list[Result], BaseException | None]:
    """Check on all cores; the results are in the order of the questions, whoever was finished first."""
    models = [_models(question, wanted) for question in questions]
    pairs = zip(questions, models, strict=True)
    asked = [case for question, names in pairs for case in cases(question, names, wanted.search)]
    known: dict[int, Verdict] = {}
    numbers: dict[str, int] = {}

    def jobs() -> Iterator[CheckJob]:
        for number, case in enumerate(asked):
            if (verdict := case.recall()) is not None:
                known[number] = verdict
            else:
                job = case.job()
                numbers[job.key] = number
                yield job

    def keep(key: str, checked: Checked) -> None:
        asked[numbers[key]].keep(checked)
        known[numbers[key]] = checked.verdict

    _, ended_by = gather(jobs(), workers, len(asked), keep)
    results = [(case.question, case.result(known[number])) for number, case in enumerate(asked) if number in known]
    by_question = (tuple(each for asked, each in results if asked is question) for question in questions)
    return [each for of_one in by_question for each in _marked(of_one)], ended_by


def _models(question: Question, wanted: Wanted) -> list[str]:
    one = wanted.fetch or question.scenario.fetch
    return [*PROFILES] if one == ALL else [profile(one).name]


def _marked(found: Sequence[Result]) -> list[Result]:
    """Mark violations that no measurement on a real part backs."""
    safe_on_silicon = any(each.profile == _SILICON and each.verdict.outcome is Outcome.SAFE for each in found)
    return [
        each.backed_by_no_measurement()
        if safe_on_silicon and each.verdict.outcome is Outcome.VIOLATION and each.profile in UNMEASURED
        else each
        for each in found
    ]
