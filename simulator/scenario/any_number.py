"""A scenario for any number of CPUs: proven at once, or tried with one CPU after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from simulator.errors import ScenarioError
from simulator.explore.any_number.proof import Proof, prove
from simulator.explore.verdict import Bounds, Outcome, Statistics, Verdict
from simulator.machine.engine import Engine
from simulator.scenario.build import Built, Guest, configure, prepare
from simulator.scenario.scenario import Scenario

TRIED = (1, 2, 3, 4)
"""Numbers of CPUs that are checked one by one where nothing could be proven."""


@dataclass(frozen=True, slots=True)
class Family:
    """The guests that speak for any number of CPUs of one scenario."""

    scenario: Scenario
    singles: tuple[Guest, ...]
    """One executing CPU; one guest for each workload."""
    several: Guest
    """Two executing CPUs, or one for each workload if there are more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict for any number of CPUs, or on the number that showed a violation."""

    verdict: Verdict
    built: Built
    proof: Proof


def prepare_family(scenario: Scenario, engine: Engine, *, compiler: str | None = None) -> Family:
    """Boot the guests. Raises ScenarioError if the scenario has no executing CPU to multiply."""
    if not scenario.cpus:
        raise ScenarioError("no vCPU executes a workload in this scenario, so there is no number of them to vary")
    workloads = (scenario.workload,) if isinstance(scenario.workload, str) else tuple(dict.fromkeys(scenario.workload))
    singles = tuple(
        prepare(replace(scenario, cpus=1, workload=workload), engine, compiler=compiler) for workload in workloads
    )
    several = prepare(replace(scenario, cpus=max(2, len(workloads))), engine, compiler=compiler)
    return Family(scenario, singles, several)


def check_any(
    family: Family, fetch: str, engine: Engine, check: Callable[[Built], Verdict],
    *, compiler: str | None = None,
) -> Answer:  # fmt: skip
    """Prove a scenario safe for every number of CPUs, else check it with 1, 2, 3 and 4.

    ``check`` checks one machine. The verdict is SAFE for any number, a VIOLATION with the number that shows it, or
    UNPROVEN with the reason.
    """
    started = time.monotonic()
    singles = [configure(guest, fetch, engine) for guest in family.singles]
    several = configure(family.several, fetch, engine)
    proof = prove([single.subject for single in singles], several.subject)
    unmet = _unmet(singles, proof.executed)
    if proof.proven and not unmet:
        verdict = _verdict(Outcome.SAFE, singles[0], proof, time.monotonic() - started)
        return Answer(verdict, several, proof)
    reason = proof.reason or f"never happened with one CPU: {', '.join(unmet)}"
    tried = []
    for cpus in TRIED:
        built = configure(prepare(replace(family.scenario, cpus=cpus), engine, compiler=compiler), fetch, engine)
        verdict = check(built)
        if verdict.outcome is Outcome.VIOLATION:
            return Answer(verdict, built, proof)
        if verdict.outcome is Outcome.INCOMPLETE:
            break
        tried.append(cpus)
    reason += f", in {proof.interference} of whose steps other CPUs take part" if proof.interference else ""
    reason += f"; safe with {_listed(tried)}" if tried else ""
    verdict = _verdict(Outcome.UNPROVEN, singles[0], proof, time.monotonic() - started, reason)
    return Answer(verdict, several, proof)


def _unmet(singles: Sequence[Built], executed: frozenset[int]) -> list[str]:
    demands = {demand for single in singles for demand in single.subject.demands}
    missed = (demand for demand in demands if not any(demand.start <= each < demand.end for each in executed))
    return sorted(demand.name for demand in missed)


def _verdict(outcome: Outcome, built: Built, proof: Proof, seconds: float, reason: str = "") -> Verdict:
    config, watch = built.subject.machine.config, built.subject.watch
    bounds = Bounds(
        None, len(watch.patchers), config.profile.name, config.data_model, tuple(sorted(watch.properties)),
        ("merge", "interrupts", "ahead", "registers", "thread-modular"), (),
    )  # fmt: skip
    statistics = Statistics(proof.views, proof.steps, 0, seconds, 0)
    trace = () if proof.proven else proof.schedule
    return Verdict(outcome, bounds, statistics, schedule=trace, stopped_by=reason)


def _listed(numbers: Sequence[int]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last} CPUs" if most else f"{last} CPU"
