"""Checks one after another, and their report: what ``check`` and scenario scripts share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from simulator.cli.exits import Exit
from simulator.cli.output import show, width
from simulator.cli.progress import progress
from simulator.cli.question import Question, ask
from simulator.errors import ScenarioError
from simulator.explore.checker import Limits, Options, check
from simulator.explore.simulate import replay
from simulator.explore.stretch import Reductions
from simulator.explore.verdict import Outcome
from simulator.machine.engine import Engine
from simulator.machine.profiles import PROFILES, profile
from simulator.report import documents, summary, verdict
from simulator.report.header import header
from simulator.report.result import UNMEASURED, Result
from simulator.scenario.build import Guest, configure, prepare
from simulator.scenario.catalogue import names as scenario_names

ALL = "all"
CTRL_C = "Ctrl-C"
_SILICON = "zen3"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be checked, and how."""

    names: tuple[str, ...]
    every: bool
    fetch: str | None
    cpus: int | None
    protocol: str | None
    data_model: str | None
    reductions: Reductions
    limits: Limits
    compiler: str | None


def check_all(wanted: Wanted) -> list[Result]:
    """Check every scenario under every fetch model that is wanted; Ctrl-C ends it with what there is."""
    names = [*wanted.names, *(scenario_names() if wanted.every else ())]
    if not names:
        raise ScenarioError("check what? give a scenario, or --all ('kgraft-sim list' shows them)")
    if wanted.fetch not in (None, ALL):
        profile(wanted.fetch)  # before any work
    questions = [
        ask(name, cpus=wanted.cpus, protocol=wanted.protocol, data_model=wanted.data_model)
        for name in dict.fromkeys(names)
    ]
    results: list[Result] = []
    for question in questions:
        results += _marked(_check(question, wanted))
        if results and results[-1].verdict.stopped_by == CTRL_C:
            break
    return results


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


def _check(question: Question, wanted: Wanted) -> Iterator[Result]:
    engine = Engine()
    guest = prepare(question.scenario, engine, compiler=wanted.compiler)
    one = wanted.fetch or question.scenario.fetch
    profiles = [*PROFILES] if one == ALL else [profile(one).name]
    for name in profiles:
        result = _verdict(question, guest, name, engine, wanted)
        yield result
        if result.verdict.stopped_by == CTRL_C:
            return


def _verdict(question: Question, guest: Guest, fetch: str, engine: Engine, wanted: Wanted) -> Result:
    built = configure(guest, fetch, engine)
    with progress(f"{question.entry.name} {fetch}") as line:
        answer = check(built.subject, Options(wanted.reductions, wanted.limits, progress=line))
    violated = answer.outcome is Outcome.VIOLATION
    return Result(
        question.entry.name, question.entry.title, built, answer, question.expected(fetch),
        question.schedule(built, answer.schedule) if violated else "",
        steps=tuple(replay(built.subject, answer.schedule)) if violated else (),
    )  # fmt: skip


def _marked(results: Iterator[Result]) -> list[Result]:
    """Mark violations that no measurement on a real part backs."""
    found = [*results]
    safe_on_silicon = any(each.profile == _SILICON and each.verdict.outcome is Outcome.SAFE for each in found)
    return [
        replace(each, spec_only=True)
        if safe_on_silicon and each.verdict.outcome is Outcome.VIOLATION and each.profile in UNMEASURED
        else each
        for each in found
    ]
