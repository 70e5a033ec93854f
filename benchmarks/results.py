"""What a run of the benchmarks measures, as values, and how they are written to JSON and read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import median

CHECK, WITHOUT, ONLY, ANY, SPIN, FOUND = "check", "without", "only", "any", "spin", "found"
"""Sections: all reductions; all but one; one alone; any number of CPUs; SPIN; counterexamples."""

NOT_FINISHED = "not finished"


@dataclass(frozen=True, slots=True)
class Row:
    """One search: the median of some runs, each in a process of its own. Times in seconds, memory in MiB."""

    section: str
    series: str
    """What is compared with what: a fetch model, a reduction, a SPIN model, a protocol."""
    cpus: int | None
    """Executing CPUs; None: any number."""
    outcome: str
    """``safe``, ``violation:PROPERTY``, ``not-proven``, or ``not finished`` where the time limit struck."""
    states: int
    transitions: int
    search: float
    """The search alone; of SPIN ``./pan``."""
    verdict: float
    """From the scenario to the verdict: load, link, boot, search; of SPIN the same as ``whole``."""
    whole: float
    """From starting the command to its end; of SPIN ``spin -a``, gcc and ``./pan``."""
    memory: float
    """Most memory that the process that searches ever held."""
    runs: int = 1
    note: str = ""

    @property
    def finished(self) -> bool:
        """Whether the search came to its end."""
        return self.outcome != NOT_FINISHED

    @property
    def rate(self) -> float:
        """Transitions per second of search."""
        return self.transitions / self.search if self.search else 0.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure and the one to reach, where there is one."""

    what: str
    value: float
    unit: str
    goal: float | None = None
    note: str = ""

    @property
    def met(self) -> str:
        """Say whether the goal is reached: rates from below, all else from above."""
        if self.goal is None:
            return ""
        reached = self.value >= self.goal if self.unit.endswith("/s") else self.value <= self.goal
        return "yes" if reached else "no"


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that one run of the benchmarks measured."""

    command: str
    machine: Mapping[str, str]
    rows: tuple[Row, ...]
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    """What could not be measured, and why."""
    profiles: Mapping[str, tuple[str, ...]] | None = None
    """For each search that missed its goal: where its time goes."""

    def of(self, section: str, series: str | None = None) -> tuple[Row, ...]:
        """Return the rows of a section, or of one series of it, in the order in which they were measured."""
        return tuple(row for row in self.rows if row.section == section and series in (None, row.series))

    def series(self, section: str) -> tuple[str, ...]:
        """Return the names of the series of a section, in the order in which they were measured."""
        return tuple(dict.fromkeys(row.series for row in self.of(section)))


def middle(runs: list[Row]) -> Row:
    """Return one row for several runs of the same search: the median of each time and of the memory.

    If any run was stopped, the row is one that did not finish. Raises ValueError if finished runs do not agree on
    what they found: the searches are deterministic.
    """
    stopped = [run for run in runs if not run.finished]
    if stopped:
        return stopped[0]
    if len({(run.outcome, run.states, run.transitions) for run in runs}) > 1:
        raise ValueError(f"runs of {runs[0].series} with {runs[0].cpus} CPUs do not agree: {runs}")
    first = runs[0]
    return Row(
        first.section, first.series, first.cpus, first.outcome, first.states, first.transitions,
        median(run.search for run in runs), median(run.verdict for run in runs), median(run.whole for run in runs),
        median(run.memory for run in runs), len(runs), first.note,
    )  # fmt: skip


def to_json(results: Results) -> str:
    """Return the results as JSON."""
    return json.dumps(asdict(results), indent=1) + "\n"


def from_json(text: str) -> Results:
    """Return the results that ``to_json`` wrote. Raises ValueError if it is something else."""
    try:
        found = json.loads(text)
        profiles = {name: tuple(lines) for name, lines in (found["profiles"] or {}).items()}
        return Results(
            found["command"], found["machine"], tuple(Row(**row) for row in found["rows"]),
            tuple(Figure(**figure) for figure in found["figures"]), tuple(found["notes"]), profiles,
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError) as reason:
        raise ValueError(f"not the results of a run of the benchmarks: {reason!r}") from reason
