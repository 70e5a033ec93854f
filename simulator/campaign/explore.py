"""A random campaign from start to stop: hand out batches, count them, keep them, shrink what was found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from simulator.campaign.jobs import CTRL_C, Met, Plan, SeedsJob, ShrinkJob
from simulator.campaign.store import Store
from simulator.campaign.tally import Summary, Tally
from simulator.campaign.workers import Workers, results
from simulator.errors import WorkersLost
from simulator.explore.schedule import parse, parse_choices
from simulator.machine.choice import Choice

Spell = Callable[[tuple[Choice, ...]], str]
"""From choices to a replay string."""


@dataclass(frozen=True, slots=True)
class Stop:
    """When a campaign ends; None is never. Whichever comes first."""

    schedules: int | None
    seconds: float | None
    flat: int | None
    """Schedules in a row that meet nothing new."""


@dataclass(frozen=True, slots=True)
class Found:
    """A violation, and the string that replays it."""

    met: Met
    replay: str
    choices: int
    """How many the replay has."""
    shrunk: bool


@dataclass(frozen=True, slots=True)
class Explored:
    """What a campaign comes to, and the error or the Ctrl-C that ended it early."""

    summary: Summary
    found: tuple[Found, ...]
    ended_by: BaseException | None = None


class Campaign:
    """One plan, its store and its workers."""

    def __init__(self, plan: Plan, stop: Stop, workers: Workers, store: Store, number: int, spell: Spell) -> None:
        self.plan, self.stop, self.workers = plan, stop, workers
        self._store, self._number, self._spell = store, number, spell
        self._tally = store.load(number)
        self._started = time.monotonic()
        self._fresh = 0

    def run(self, progress: Callable[[Tally], None] | None = None) -> Explored:
        """Explore until the campaign is to stop. Ctrl-C and lost workers end it with what there is."""
        ended_by: BaseException | None = None
        try:
            self._explore(progress)
            self._shrink(self._summary("").violations)
        except (KeyboardInterrupt, WorkersLost) as reason:
            ended_by = reason
        seconds = time.monotonic() - self._started
        summary = replace(self._summary(_why(ended_by)), seconds=seconds, fresh=self._fresh)
        return Explored(summary, tuple(map(self._found, summary.violations)), ended_by)

    # exploring -------------------------------------------------------------------------------------------

    def _explore(self, progress: Callable[[Tally], None] | None) -> None:
        with closing(results(self._jobs(), self.workers)) as done:
            for job, batch in done:
                if self._store.add(self._number, job, batch):
                    self._tally.add(batch)
                    self._fresh += batch.schedules
                if progress is not None:
                    progress(self._tally)
                if self._flat() is not None:
                    return

    def _jobs(self) -> Iterator[SeedsJob]:
        for first, count in self._tally.missing(self.stop.schedules):
            late = self.stop.seconds is not None and time.monotonic() - self._started >= self.stop.seconds
            if late or self._flat() is not None:
                return
            yield SeedsJob(self.plan, first, count)

    def _flat(self) -> int | None:
        return self._tally.flat_at(self.stop.flat)

    # what comes of it ------------------------------------------------------------------------------------

    def _summary(self, ended_by: str) -> Summary:
        flat, limit = self._flat(), self.stop.schedules
        if flat is not None and (limit is None or flat <= limit):
            return self._tally.summary(flat, f"coverage is flat: nothing new in the last {self.stop.flat:,} schedules")
        if limit is not None and self._tally.finished >= limit:
            return self._tally.summary(limit, f"limit of {limit:,} schedules")
        return self._tally.summary(limit, ended_by or f"limit of {self.stop.seconds:g} seconds")

    def _shrink(self, violations: tuple[Met, ...]) -> None:
        todo = [met for met in violations if self._store.replay(self._number, met) is None]
        jobs = [ShrinkJob(self.plan, met[:2], met.choices) for met in todo]
        of_key = {job.key: met for job, met in zip(jobs, todo, strict=True)}
        with closing(results(jobs, self.workers)) as done:
            for job, choices in done:
                self._store.keep_replay(self._number, of_key[job.key], self._spell(parse_choices(choices)))

    def _found(self, met: Met) -> Found:
        replay = self._store.replay(self._number, met)
        text = replay or self._spell(parse_choices(met.choices))
        return Found(met, text, len(parse(text).choices), replay is not None)


def _why(ended_by: BaseException | None) -> str:
    if ended_by is None:
        return ""
    return CTRL_C if isinstance(ended_by, KeyboardInterrupt) else str(ended_by)
