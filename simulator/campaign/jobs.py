"""Jobs: values that another process, or another machine, can be sent to carry out.

A job holds everything it needs, down to the booted guest, so that a worker needs neither the scenario's file nor a
compiler. Its key is made from its content: the same key is the same question, and has the same answer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from simulator.explore.checker import Limits, Options
from simulator.explore.coverage import Atlas, Point
from simulator.explore.properties import Watch
from simulator.explore.reductions import Reductions
from simulator.explore.remembered import remembering
from simulator.explore.schedule import format_choices, parse_choices
from simulator.explore.schedulers import scheduler
from simulator.explore.shrink import Kind, kind_of, shrink
from simulator.explore.simulate import SETTLE, TraceStep, run
from simulator.explore.verdict import Verdict
from simulator.machine.engine import Engine
from simulator.machine.events import Executed
from simulator.scenario.build import Built, Guest, configure
from simulator.scenario.compare import Row, compare
from simulator.scenario.footprint import Checked, check_guest
from simulator.scenario.matrix import Cell, cell_of

CTRL_C = "Ctrl-C"


class Job(Protocol):
    """Something to do; immutable and picklable, and so is its result."""

    @property
    def key(self) -> str:
        """Return what tells it from every other job."""
        ...

    @property
    def label(self) -> str:
        """Return what it is called in a progress bar or an error."""
        ...

    def run(self) -> Any:
        """Do it. Depends on nothing but the job."""
        ...


def key_of(*parts: object) -> str:
    """Return a short key for values whose ``repr`` says everything."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class CheckJob:
    """Check one scenario under one fetch model. The result is ``Checked``: a verdict with its footprint."""

    name: str
    fingerprint: str
    guest: Guest = field(repr=False)
    fetch: str
    reductions: Reductions
    limits: Limits
    fair: bool = False

    @property
    def key(self) -> str:
        """Return what tells it from every other job."""
        return key_of("check", self.name, self.fingerprint, self.fetch, self.reductions, self.limits, self.fair)

    @property
    def label(self) -> str:
        """Return the scenario and the fetch model."""
        return f"{self.name} {self.fetch}"

    def run(self) -> Checked:
        """Check every schedule."""
        checked = check_guest(self.guest, self.fetch, Options(self.reductions, self.limits), fair=self.fair)
        whole(checked.verdict)
        return checked


@dataclass(frozen=True, slots=True)
class MatrixJob:
    """One cell of the verdict table. The result is a ``Cell``."""

    guest: Guest = field(repr=False)
    fetch: str

    @property
    def key(self) -> str:
        """Return what tells it from every other job."""
        return key_of("matrix", self.guest.scenario, self.fetch)

    @property
    def label(self) -> str:
        """Return the protocol, the placement and the fetch model."""
        return f"{self.guest.scenario.protocol_name} +{self.guest.scenario.placement or 0} {self.fetch}"

    def run(self) -> Cell:
        """Check every schedule and collect what is violated."""
        cell = cell_of(self.guest, self.fetch, Engine(), Options(collect=True))
        whole(cell.verdict)
        return cell


@dataclass(frozen=True, slots=True)
class CompareJob:
    """One consistency model of a comparison. The result is a ``Row``."""

    guest: Guest = field(repr=False)
    fetch: str
    limits: Limits

    @property
    def key(self) -> str:
        """Return what tells it from every other job."""
        return key_of("compare", self.guest.scenario, self.fetch, self.limits)

    @property
    def label(self) -> str:
        """Return the model."""
        return self.guest.scenario.protocol_name

    def run(self) -> Row:
        """Check every schedule, and measure some."""
        row = compare(self.guest, self.fetch, self.limits)
        whole(row.answer.verdict)
        return row


class Met(NamedTuple):
    """A violation, where it was met first."""

    property: str
    kind: str
    site: str
    """Name of the patch site, or of the function where it happened."""
    schedule: int
    """Number of the random schedule that met it."""
    choices: str
    """From the first state to the violation, in the form of a replay string."""


class Ends(NamedTuple):
    """How many schedules ended how."""

    settled: int = 0
    """The patcher was done, and every vCPU went on for a while."""
    violated: int = 0
    limited: int = 0
    """The limit of steps came first."""
    stuck: int = 0
    """Nothing could happen any more, and the patcher was not done."""


class Batch(NamedTuple):
    """What some random schedules in a row have shown."""

    first: int
    """Number of the first schedule."""
    schedules: int
    transitions: int
    ends: Ends
    points: tuple[tuple[Point, int], ...]
    """Points that were covered, each with the number of the first schedule that did."""
    met: tuple[Met, ...]
    """The first violation of each (property, kind, site)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one random campaign explores; the same plan has the same schedules everywhere."""

    guest: Guest = field(repr=False)
    fetch: str
    fingerprint: str
    scheduler: str
    seed: int
    """Schedule number n is the one of seed ``seed + n``."""
    steps: int
    """Most transitions of one schedule."""

    @property
    def key(self) -> str:
        """Return what tells it from every other campaign."""
        return key_of("campaign", self.fingerprint, self.fetch, self.scheduler, self.seed, self.steps, SETTLE)


@dataclass(frozen=True, slots=True)
class SeedsJob:
    """Run some random schedules of a plan. The result is a ``Batch``."""

    plan: Plan
    first: int
    count: int

    @property
    def key(self) -> str:
        """Return what tells it from every other job."""
        return key_of(self.plan.key, self.first, self.count)

    @property
    def label(self) -> str:
        """Return the numbers of the schedules."""
        return f"schedules {self.first + 1} to {self.first + self.count}"

    def run(self) -> Batch:
        """Run the schedules one after another."""
        built = _built(self.plan.guest, self.plan.fetch)
        subject, cpus = remembering(built.subject), len(built.subject.initial.vcpus)
        atlas = Atlas(built.image.symbols, built.routine.pieces if built.routine else (), subject.watch)
        points: dict[Point, int] = {}
        met: dict[tuple[str, str, str], Met] = {}
        ends, transitions = Ends(), 0
        for number in range(self.first, self.first + self.count):
            chooser = scheduler(self.plan.scheduler, self.plan.seed + number, cpus, subject.watch)
            steps: list[TraceStep] = []
            for step in run(subject, chooser, self.plan.steps, SETTLE * cpus):
                steps.append(step)
                point = atlas.point(step)
                if point is not None:
                    points.setdefault(point, number)
            transitions += len(steps)
            found = violation(built, steps, number)
            if found is not None:
                met.setdefault(found[:3], found)
            ends = _counted(ends, steps, self.plan.steps, subject.watch)
        return Batch(self.first, self.count, transitions, ends, tuple(points.items()), tuple(met.values()))


@dataclass(frozen=True, slots=True)
class ShrinkJob:
    """Shrink the schedule of a violation. The result is its choices, in the form of a replay string."""

    plan: Plan
    kind: Kind
    choices: str

    @property
    def key(self) -> str:
        """Return what tells it from every other job."""
        return key_of("shrink", self.plan.key, self.choices)

    @property
    def label(self) -> str:
        """Return what is shrunk."""
        return f"shrinking {self.kind[0]} ({self.kind[1]})"

    def run(self) -> str:
        """Drop what the violation does not need."""
        return format_choices(shrink(_built(self.plan.guest, self.plan.fetch).subject, parse_choices(self.choices)))


def violation(built: Built, steps: list[TraceStep], schedule: int) -> Met | None:
    """Return the violation that an execution ends in."""
    if not steps or not steps[-1].findings:
        return None
    finding = steps[-1].findings[0]
    sites = built.subject.watch.sites
    site = next((site.name for site in sites if site.address <= finding.address < site.end), None)
    where = site or built.image.symbols.describe(finding.address).partition("+")[0]
    return Met(*kind_of(finding), where, schedule, format_choices(step.choice for step in steps))


def _counted(ends: Ends, steps: list[TraceStep], limit: int, watch: Watch) -> Ends:
    if steps and steps[-1].findings:
        return ends._replace(violated=ends.violated + 1)
    if len(steps) == limit:
        return ends._replace(limited=ends.limited + 1)
    if watch.patchers <= {step.choice.cpu for step in steps if _is_done(step, watch)}:
        return ends._replace(settled=ends.settled + 1)
    return ends._replace(stuck=ends.stuck + 1)


def _is_done(step: TraceStep, watch: Watch) -> bool:
    return any(isinstance(event, Executed) and event.address == watch.done for event in step.events)


def whole(verdict: Verdict) -> None:
    """Pass on Ctrl-C: a search that it stopped is no result, and the jobs behind it are not wanted either."""
    if verdict.stopped_by == CTRL_C:
        raise KeyboardInterrupt


def _built(guest: Guest, fetch: str) -> Built:
    """Put a guest on a machine with an engine of its own, so that no job depends on the one before."""
    return configure(guest, fetch, Engine())
