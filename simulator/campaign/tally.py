"""What a campaign has found so far, whatever the order in which its batches came in.

Everything is a minimum or a sum over schedules, so that two workers and one, a resumed campaign and one that
was never interrupted, end with the same figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from simulator.campaign.jobs import Batch, Ends, Met
from simulator.explore.coverage import Point

BATCH = 50
"""Schedules of one job; coverage is looked at after every so many."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a campaign."""

    schedules: int
    transitions: int
    ends: Ends
    points: tuple[tuple[Point, int], ...]
    """What was covered, each with the number of the first schedule that did; sorted by that."""
    violations: tuple[Met, ...]
    """The first violation of each (property, kind, site), sorted by the schedule."""
    stopped_by: str
    seconds: float = 0.0
    """Of this session; schedules that were done before it do not count."""
    fresh: int = 0
    """Schedules done in this session."""


@dataclass(slots=True)
class Tally:
    """An accumulator of batches."""

    rows: dict[int, tuple[int, int, Ends]] = field(default_factory=dict)
    """First schedule of a batch to its schedules, transitions and ends."""
    points: dict[Point, int] = field(default_factory=dict)
    met: dict[tuple[str, str, str], Met] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """Count a batch; the same one again changes nothing."""
        self.rows[batch.first] = (batch.schedules, batch.transitions, batch.ends)
        for point, schedule in batch.points:
            self.points[point] = min(schedule, self.points.get(point, schedule))
        for met in batch.met:
            key = met[:3]
            if key not in self.met or met.schedule < self.met[key].schedule:
                self.met[key] = met

    @property
    def finished(self) -> int:
        """Return the number of schedules up to the first one that is not done."""
        end = 0
        while end in self.rows:
            end += self.rows[end][0]
        return end

    def missing(self, limit: int | None) -> Iterator[tuple[int, int]]:
        """Yield (first, count) of the batches that are not done, in order; without a limit for ever."""
        first = 0
        while limit is None or first < limit:
            if first in self.rows:
                first += self.rows[first][0]
                continue
            ends = [first - first % BATCH + BATCH, *self._after(first)]
            end = min(ends if limit is None else [*ends, limit])
            yield first, end - first
            first = end

    def flat_at(self, patience: int | None) -> int | None:
        """Return after how many schedules the last ``patience`` of them had met nothing new."""
        if patience is None:
            return None
        finished, news = self.finished, sorted(set(self.points.values()))
        for last, following in zip([-1, *news], [*news, finished], strict=True):
            flat = -(-(last + 1 + patience) // BATCH) * BATCH  # looked at after whole batches
            if flat <= min(following, finished):
                return flat
        return None

    def summary(self, limit: int | None, stopped_by: str) -> Summary:
        """Return the figures of the first ``limit`` schedules, None: of all that are done."""
        rows = [(first, row) for first, row in sorted(self.rows.items()) if limit is None or first < limit]
        points = [(point, at) for point, at in self.points.items() if limit is None or at < limit]
        met = [each for each in self.met.values() if limit is None or each.schedule < limit]
        return Summary(
            sum(schedules for _, (schedules, _, _) in rows), sum(transitions for _, (_, transitions, _) in rows),
            _sum(ends for _, (_, _, ends) in rows), tuple(sorted(points, key=lambda each: (each[1], each[0]))),
            tuple(sorted(met, key=lambda each: (each.schedule, each))), stopped_by,
        )  # fmt: skip

    def _after(self, first: int) -> list[int]:
        return [each for each in self.rows if first < each < first - first % BATCH + BATCH]


def _sum(ends: Iterable[Ends]) -> Ends:
    columns = [*zip(*ends, strict=True)]
    return Ends(*(sum(column) for column in columns)) if columns else Ends()
