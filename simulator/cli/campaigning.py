"""A campaign as the command line asks for it, and its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from simulator.campaign import text
from simulator.campaign.explore import Campaign, Explored, Stop
from simulator.campaign.jobs import Plan
from simulator.campaign.store import DEFAULT, Store
from simulator.campaign.tally import Tally
from simulator.campaign.workers import Workers
from simulator.cli.exits import Exit
from simulator.cli.output import show, width
from simulator.cli.progress import bar
from simulator.cli.question import Question
from simulator.errors import ScenarioError
from simulator.machine.engine import Engine
from simulator.report import documents
from simulator.report.header import header
from simulator.scenario.build import Built, configure, prepare

SCHEDULERS: Mapping[str, str] = MappingProxyType({"pct": "pct", "uniform": "random", "weighted": "weighted"})
"""What a campaign calls them, and their names among all schedulers; round-robin has too few schedules."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A campaign with what its report needs."""

    question: Question
    built: Built
    plan: Plan
    explored: Explored

    @property
    def expected(self) -> str | None:
        """Return the verdict the scenario expects."""
        return self.question.expected(self.plan.fetch)

    @property
    def as_expected(self) -> bool | None:
        """Say whether what was found is what was to be; None if it is expected and was not met."""
        kinds = {f"violation:{found.met.property}" for found in self.explored.found}
        if kinds:
            return self.expected in kinds
        return None if (self.expected or "").startswith("violation") else True


def explore(
    question: Question, scheduler: str, seed: int, steps: int, stop: Stop, workers: Workers,
    *, store: Path | None, resume: bool, compiler: str | None,
) -> Outcome:  # fmt: skip
    """Run a campaign, or go on with one."""
    if scheduler not in SCHEDULERS:
        raise ScenarioError(f"no scheduler {scheduler!r} for a campaign; choose one of: {', '.join(SCHEDULERS)}")
    guest = prepare(question.scenario, engine := Engine(), compiler=compiler)
    built = configure(guest, question.scenario.fetch, engine)
    fetch = built.subject.machine.config.profile.name
    plan = Plan(guest, fetch, built.fingerprint, SCHEDULERS[scheduler], seed, steps)
    title = "+".join((question.entry.name, *(f"{key}={value}" for key, value in question.changes), f"fetch={fetch}"))
    with Store(store or DEFAULT) as kept, bar(title, stop.schedules) as advance:
        number = kept.begin(plan, title, resume=resume)
        campaign = Campaign(plan, stop, workers, kept, number, lambda choices: question.schedule(built, choices))

        def progress(tally: Tally) -> None:
            if advance is not None:
                met = (
                    f", violations of {len(tally.met)} kinds"
                    if len(tally.met) > 1
                    else ", a violation"
                    if tally.met
                    else ""
                )
                advance(sum(row[0] for row in tally.rows.values()), f"{len(tally.points):,} points{met}")

        return Outcome(question, built, plan, campaign.run(progress))


def report(outcome: Outcome, *, time: bool, as_json: bool) -> Exit:
    """Print a campaign and return the exit code."""
    question, explored, columns = outcome.question, outcome.explored, width()
    if as_json:
        about = documents.about(question.entry.name, question.entry.title, outcome.built)
        content = text.document(explored, outcome.plan, time=time)
        show(documents.dumps(documents.document("campaign", **about, expected=outcome.expected, **content)))
    else:
        chosen = f"{outcome.plan.scheduler}, seeds from {outcome.plan.seed}"
        head = header(question.entry.name, question.entry.title, outcome.built, columns, choices=chosen)
        remark = {True: "", False: "", None: f" [{outcome.expected} is expected, and was not met]"}[outcome.as_expected]
        if explored.found and outcome.expected:
            remark = " [as expected]" if outcome.as_expected else f" [expected {outcome.expected}]"
        show(f"{head}\n\n{text.text(explored, columns, remark=remark, time=time)}")
    return {True: Exit.OK, False: Exit.FAILED, None: Exit.INCOMPLETE}[outcome.as_expected]
