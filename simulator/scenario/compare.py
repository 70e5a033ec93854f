"""One workload and one patch under a consistency model: is it safe, does it finish, and what does it cost?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from simulator.errors import ScenarioError
from simulator.explore.checker import Limits, Options, check
from simulator.explore.lost import Stretch, lost
from simulator.explore.properties import PROPERTIES
from simulator.explore.remembered import remembering
from simulator.explore.schedulers import Scheduler
from simulator.explore.schedulers.round_robin import RoundRobin
from simulator.explore.schedulers.uniform import Uniform
from simulator.explore.simulate import SETTLE, TraceStep, run
from simulator.explore.verdict import Outcome, Verdict
from simulator.machine.engine import Engine
from simulator.machine.events import Executed
from simulator.patching.consistency import PRINCIPAL
from simulator.scenario.build import Built, Guest, configure
from simulator.scenario.patch_code import patch_code, patch_functions
from simulator.scenario.scenario import Scenario

RANDOM_RUNS = 10
"""Random schedules that are measured, besides one round robin from each vCPU."""
_STEPS = 4_000
"""The longest run, for each vCPU: about twice what a patch of three functions takes."""
_STUCK = ("progress", "stuck")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a model costs, measured on fair schedules."""

    stretches: tuple[Stretch, ...]
    """Of each executing vCPU, the longest stretch in which the patch kept it from its own work."""
    code: int
    """Bytes of the patch's functions that were executed, the patcher and the stubs among them."""
    runs: int
    """Executions that this is the maximum over."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What every schedule of a model was found to do."""

    verdict: Verdict
    finishes: bool | None
    """Whether done can be reached from every state, unless something else is violated before; None: not known."""

    @property
    def safe(self) -> bool | None:
        """Say whether nothing but progress is violated; None where that was not shown."""
        outcome, finding = self.verdict.outcome, self.verdict.finding
        if outcome is Outcome.VIOLATION:
            return finding is not None and finding.property == "progress"  # judged when all else has been
        return True if outcome is Outcome.SAFE else None

    @property
    def known(self) -> bool:
        """Say whether there is an answer to both questions."""
        return self.safe is not None and self.finishes is not None


@dataclass(frozen=True, slots=True)
class Row:
    """One model in a comparison."""

    model: str
    answer: Answer
    cost: Cost


def candidates(scenario: Scenario) -> tuple[Scenario, ...]:
    """Return a scenario under each of the models that are compared. Raises ScenarioError where there are no tasks."""
    return tuple(under(scenario, model.name) for model in PRINCIPAL)


def under(scenario: Scenario, model: str) -> Scenario:
    """Return a scenario under another consistency model, with every property; nothing is expected of it.

    Raises ScenarioError where there are no tasks, no such model, or patchers of the guest's own.
    """
    if not scenario.tasks:
        raise ScenarioError("only kernels with tasks have consistency models ('kgraft-sim matrix' compares protocols)")
    if scenario.patchers:
        raise ScenarioError(
            f"patched by guest code ({scenario.protocol_name}): there is no consistency model to change"
        )
    return replace(scenario, consistency=model, properties=PROPERTIES, expect={})


def compare(guest: Guest, fetch: str, limits: Limits) -> Row:
    """Check and measure a booted guest with a consistency model."""
    built = configure(guest, fetch, Engine())
    return Row(built.scenario.protocol_name, answer(built, limits), measure(built))


def answer(built: Built, limits: Limits) -> Answer:
    """Check every schedule; where a violation ends that early, once more, for whether the patch is finished."""
    verdict = check(built.subject, Options(limits=limits))
    finishes = _finishes(verdict)
    if finishes is None and verdict.outcome is Outcome.VIOLATION:
        finishes = _finishes(check(built.subject, Options(limits=limits, collect=True)))
    return Answer(verdict, finishes)


def measure(built: Built, random_runs: int = RANDOM_RUNS) -> Cost:
    """Run a scenario with a consistency model on fair schedules; each run ends at a violation, if there is one."""
    subject, cpus = remembering(built.subject), built.scenario.cpus
    code, functions = patch_code(built), patch_functions(built)
    stretches, executed = (Stretch(),) * cpus, set[int]()
    vcpus = len(subject.initial.vcpus)
    schedulers = list(_fair(vcpus, random_runs))
    for scheduler in schedulers:
        steps = list(run(subject, scheduler, _STEPS * vcpus, SETTLE * cpus))
        stretches = tuple(map(Stretch.or_longer, stretches, lost(code, steps, cpus)))
        executed.update(_addresses(steps))
    entered = {built.image.symbols.at(address) for address in executed}
    return Cost(stretches, sum(function.size for function in functions & entered), len(schedulers))


def _fair(vcpus: int, random_runs: int) -> Iterator[Scheduler]:
    yield from (RoundRobin(first, vcpus) for first in range(vcpus))
    yield from (Uniform(seed, vcpus) for seed in range(random_runs))


def _addresses(steps: list[TraceStep]) -> Iterator[int]:
    return (event.address for step in steps for event in step.events if isinstance(event, Executed))


def _finishes(verdict: Verdict) -> bool | None:
    if _STUCK in verdict.all_findings:
        return False
    return True if verdict.statistics.frontier == 0 else None
