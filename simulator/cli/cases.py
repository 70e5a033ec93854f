"""One scenario under one fetch model: looked up among proven verdicts, checked where it is not, and told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from simulator.campaign.jobs import CheckJob
from simulator.cli.question import Question
from simulator.explore.checker import Limits, Options, Progress
from simulator.explore.reductions import Reductions
from simulator.explore.simulate import replay
from simulator.explore.verdict import Outcome, Verdict
from simulator.machine.engine import Engine
from simulator.report.result import Result
from simulator.scenario.build import Built, Guest, configure, prepare
from simulator.scenario.footprint import Checked, check_guest
from simulator.scenario.verdict_cache import NO_CACHE, VerdictCache
from simulator.scenario.verdict_keys import sources_key, subject_key


@dataclass(frozen=True, slots=True)
class Search:
    """How cases are checked, and where what is proven is kept."""

    reductions: Reductions = field(default_factory=Reductions)
    limits: Limits = field(default_factory=Limits)
    fair: bool = False
    compiler: str | None = None
    cache: VerdictCache = NO_CACHE


@dataclass(frozen=True, slots=True)
class Case:
    """A question under one fetch model. ``guest`` and ``built`` do their work when first called."""

    question: Question
    fetch: str
    search: Search
    guest: Callable[[], Guest]
    built: Callable[[], Built]

    @property
    def name(self) -> str:
        """Return the scenario and the fetch model."""
        return f"{self.question.entry.name} {self.fetch}"

    def recall(self) -> Verdict | None:
        """Return a kept verdict that still holds, building the guest only where its sources have changed."""
        kept = self.search.cache
        if kept.folder is None:
            return None
        sources = self._sources()
        known = kept.of_sources(sources)
        if known is not None:
            return known
        subject = self._subject()
        checked = kept.of_subject(subject, self.guest().boot)
        if checked is None:
            return None
        kept.keep(sources, subject, checked)
        return checked.verdict

    def keep(self, checked: Checked) -> None:
        """Keep a verdict for the next time, if it is proven."""
        if self.search.cache.folder is not None:
            self.search.cache.keep(self._sources(), self._subject(), checked)

    def job(self) -> CheckJob:
        """Return the check as a job."""
        how = self.search
        return CheckJob(
            self.question.entry.name, self.built().fingerprint, self.guest(), self.fetch, how.reductions, how.limits,
            how.fair,
        )  # fmt: skip

    def check(self, progress: Callable[[Progress], None] | None = None) -> Verdict:
        """Check every schedule here and now, unless the verdict is known."""
        known = self.recall()
        if known is not None:
            return known
        how = self.search
        options = Options(how.reductions, how.limits, progress=progress)
        checked = check_guest(self.guest(), self.fetch, options, fair=how.fair)
        self.keep(checked)
        return checked.verdict

    def result(self, verdict: Verdict) -> Result:
        """Return a verdict on this case with everything that a report needs of it."""
        return told(self.question, self.built, verdict, self.question.expected(self.fetch))

    def _sources(self) -> str:
        how = self.search
        scenario = self.question.scenario
        return sources_key(scenario, self.fetch, how.reductions, fair=how.fair, compiler=how.compiler)

    def _subject(self) -> str:
        return subject_key(self.built().subject, self.search.reductions, fair=self.search.fair)


def cases(question: Question, models: Sequence[str], search: Search) -> Iterator[Case]:
    """Yield a question under each fetch model; its guest is booted once for all, and only if it is needed."""
    engine = Engine()
    guest = cache(lambda: prepare(question.scenario, engine, compiler=search.compiler))
    for fetch in models:
        yield Case(question, fetch, search, guest, cache(partial(_configure, guest, fetch, engine)))


def told(question: Question, built: Callable[[], Built], verdict: Verdict, expected: str | None) -> Result:
    """Return a verdict as a result, which builds and replays only what somebody looks at."""
    name, title = question.entry.name, question.entry.title
    if verdict.outcome is not Outcome.VIOLATION:
        return Result(name, title, built, verdict, expected)
    return Result(
        name, title, built, verdict, expected,
        replay=lambda: question.schedule(built(), verdict.schedule, verdict.loop),
        steps=lambda: tuple(replay(built().subject, verdict.schedule)),
    )  # fmt: skip


def _configure(guest: Callable[[], Guest], fetch: str, engine: Engine) -> Built:
    return configure(guest(), fetch, engine)
