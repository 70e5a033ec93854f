"""A comparison as the command line asks for it: the workload, the jobs, and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from simulator.campaign.jobs import CompareJob
from simulator.campaign.workers import Workers
from simulator.cli import options
from simulator.cli.gathering import gather
from simulator.cli.output import show, width
from simulator.cli.question import Question, ask
from simulator.errors import ScenarioError
from simulator.explore.checker import Limits
from simulator.explore.simulate import replay
from simulator.explore.verdict import Outcome
from simulator.machine.engine import Engine
from simulator.machine.profiles import profile
from simulator.patching.consistency import PRINCIPAL
from simulator.report import documents
from simulator.report.comparison import Remark, comparison
from simulator.report.finding import explain
from simulator.report.words import Narrator
from simulator.scenario.build import Built, Guest, configure, prepare
from simulator.scenario.compare import Row, candidates
from simulator.scenario.scenario import Scenario
from simulator.scenario.workload import is_kernel, parse_tasks, scenario_for


@dataclass(frozen=True, slots=True)
class Subject:
    """What is compared."""

    name: str
    title: str
    scenario: Scenario
    questions: Mapping[str, Question] = field(default_factory=dict)
    """For each model how to ask for it again, where a scenario is compared: a kernel's workload has no name."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A model's row, and the guest that it is about."""

    guest: Guest
    row: Row
    question: Question | None

    def built(self) -> Built:
        """Return the machine that was checked."""
        return configure(self.guest, self.row.answer.verdict.bounds.profile, Engine())

    def replay(self, built: Built | None = None) -> str | None:
        """Return the replay string of the counterexample, if there is one that can be asked for again."""
        verdict = self.row.answer.verdict
        if self.question is None or verdict.finding is None:
            return None
        return self.question.schedule(built or self.built(), verdict.schedule)


def subject(
    name: str, patch: str | None, tasks: str | None, functions: str | None, cpus: int | None, fetch: str | None,
    *, compiler: str | None,
) -> Subject:  # fmt: skip
    """Find a scenario, or make one of a kernel and its patch. Raises ScenarioError or GuestError."""
    if not is_kernel(name):
        asked = {"--patch": patch, "--tasks": tasks, "--functions": functions}
        given = [option for option, value in asked.items() if value is not None]
        if given:
            raise ScenarioError(f"{given[0]} goes with a kernel: leave it out, {name} is a scenario and has its own")
        question = ask(name, cpus=cpus, fetch=fetch)
        questions = {each.name: ask(name, cpus=cpus, model=each.name, fetch=fetch) for each in PRINCIPAL}
        return Subject(question.entry.name, question.entry.title, question.scenario, questions)
    if patch is None:
        raise ScenarioError(f"{name} is a kernel: say with --patch which patch of it ('kgraft-sim list --kernels')")
    dealt, named = parse_tasks(tasks), tuple(options.listed(functions))
    count = cpus if cpus is not None or dealt else 1
    made = scenario_for(name, patch, dealt, named, cpus=count, compiler=compiler)
    return Subject(name, f"patch {patch}", made if fetch is None else replace(made, fetch=profile(fetch).name))


def compare_all(
    asked: Subject, limits: Limits, workers: Workers, *, compiler: str | None
) -> tuple[list[Compared], BaseException | None]:
    """Compare the models, on all cores; what was finished, in order, and what ended it early."""
    guests = [prepare(each, Engine(), compiler=compiler) for each in candidates(asked.scenario)]
    jobs = [CompareJob(guest, asked.scenario.fetch, limits) for guest in guests]
    found, ended_by = gather(jobs, workers, len(jobs))
    rows = [(job.guest, found[job.key]) for job in jobs if job.key in found]
    return [Compared(guest, row, asked.questions.get(row.model)) for guest, row in rows], ended_by


def report(asked: Subject, compared: Sequence[Compared], *, as_json: bool) -> None:
    """Print the comparison."""
    rows = [each.row for each in compared]
    if as_json:
        content = documents.comparison(asked.name, asked.scenario, rows, [each.replay() for each in compared])
        show(documents.dumps(documents.document("compare", **content)))
    elif compared:
        remarks = [remark for each in compared if (remark := _remark(each)) is not None]
        show(comparison(asked.name, asked.title, compared[0].built(), rows, remarks, width()))


def _remark(compared: Compared) -> Remark | None:
    """Return what is violated, in how many steps, and how to see it again; or what kept a row from being shown."""
    row, verdict = compared.row, compared.row.answer.verdict
    if verdict.outcome is Outcome.INCOMPLETE:
        return Remark(f"{row.model}: stopped by the {verdict.stopped_by}")
    if verdict.outcome is Outcome.VACUOUS:
        return Remark(f"{row.model}: never happened: {', '.join(verdict.unmet)}")
    if verdict.finding is None:
        return None
    built, finding = compared.built(), verdict.finding
    steps = tuple(replay(built.subject, verdict.schedule))
    told = explain(Narrator(built), finding, steps)
    return Remark(
        f"{row.model}: {finding.property} ({finding.kind}), {len(steps)} steps: {told}", compared.replay(built)
    )
