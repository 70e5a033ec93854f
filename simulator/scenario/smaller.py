"""A violation made smaller: fewer CPUs and NMIs, a smaller workload, and then a schedule with fewer context switches.

A smaller scenario counts if some schedule of it ends in the same property and kind of violation; a search finds that
schedule. What is made smaller first is what leaves most out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from simulator.errors import SimulatorError
from simulator.explore.checker import Limits, Options
from simulator.explore.fairness.check import check_with_fairness
from simulator.explore.shrink import Choices, Kind, kind_of, shrink, switches
from simulator.explore.simulate import replay
from simulator.explore.verdict import Verdict
from simulator.machine.choice import Choice
from simulator.machine.engine import Engine
from simulator.scenario.build import Built, build
from simulator.scenario.scenario import Scenario

LIMITS = Limits(states=50_000)
"""Of each search. Of states, so that the same violation becomes the same one everywhere."""

_LENGTHS = ("_once", "_twice", "")
"""Endings of the names of one workload, as the guest kernels have them, from few calls to endless ones."""


@dataclass(frozen=True, slots=True)
class Smaller:
    """A scenario with a schedule that violates it."""

    scenario: Scenario
    choices: Choices
    loop: int = 0
    """How many of the last choices repeat for ever."""


def made_smaller(found: Smaller, kind: Kind, *, compiler: str | None = None) -> Smaller:
    """Return the same violation with as little of everything as was found. Deterministic.

    ``kind`` is the property and kind of the violation that ``found`` ends in.
    """
    engine = Engine()
    built = build(found.scenario, engine, compiler=compiler)
    schedules = [found.choices]
    while (smaller := _first(found.scenario, built, kind, engine, compiler)) is not None:
        found, built = smaller
        schedules = [found.choices]
    if found.loop:
        return found
    verdict = check_with_fairness(built.subject, Options(limits=LIMITS), fair=False)
    if _is(verdict, kind) and not verdict.loop:
        schedules.append(verdict.schedule)
    shrunk = [_shrunk(built, choices) for choices in schedules]
    return replace(found, choices=min(shrunk, key=lambda choices: (switches(choices), len(choices))))


def candidates(scenario: Scenario, exists: Callable[[str], bool]) -> Iterator[Scenario]:
    """Yield scenarios with one thing smaller. ``exists`` says whether the guest has a function of that name."""
    for cpus in range(1, scenario.cpus):
        yield replace(scenario, cpus=cpus)
    for nmis in range(scenario.nmis):
        yield replace(scenario, nmis=nmis)
    if len(scenario.edits) > 1:
        yield replace(scenario, edits=scenario.edits[:-1])
    for tasks in _tasks(scenario.tasks, exists):
        yield replace(scenario, tasks=tasks)
    yield from (replace(scenario, workload=workload) for workload in _workloads(scenario.workload, exists))
    for name, value in scenario.words.items():
        for less in dict.fromkeys((1, value // 2, value - 1)) if isinstance(value, int) and value > 1 else ():
            yield replace(scenario, words={**scenario.words, name: less})


def _first(
    whole: Scenario, built: Built, kind: Kind, engine: Engine, compiler: str | None
) -> tuple[Smaller, Built] | None:
    """Return the first smaller scenario that has such a violation."""
    for scenario in candidates(whole, built.image.symbols.__contains__):
        try:
            smaller = build(scenario, engine, compiler=compiler)
        except SimulatorError:
            continue  # it makes no sense with less
        verdict = check_with_fairness(smaller.subject, Options(limits=LIMITS), fair=False)
        if _is(verdict, kind):
            return Smaller(scenario, verdict.schedule, verdict.loop), smaller
    return None


def _is(verdict: Verdict, kind: Kind) -> bool:
    return verdict.finding is not None and kind_of(verdict.finding) == kind


def _shrunk(built: Built, choices: Sequence[Choice]) -> Choices:
    """Shrink a schedule; one after which nobody gets any further has no last step to keep, and stays."""
    *_, last = replay(built.subject, choices)
    return shrink(built.subject, choices) if last.findings else tuple(choices)


def _tasks(tasks: tuple[tuple[str, ...], ...], exists: Callable[[str], bool]) -> Iterator[tuple[tuple[str, ...], ...]]:
    for row, programs in enumerate(tasks):
        for place, program in enumerate(programs):
            rest = (*programs[:place], *programs[place + 1 :])
            if rest:
                yield (*tasks[:row], rest, *tasks[row + 1 :])
            for shorter in _shorter(program, exists):
                yield (*tasks[:row], (*programs[:place], shorter, *programs[place + 1 :]), *tasks[row + 1 :])


def _workloads(workload: str | tuple[str, ...], exists: Callable[[str], bool]) -> Iterator[str | tuple[str, ...]]:
    if isinstance(workload, str):
        yield from _shorter(workload, exists)
        return
    for place, name in enumerate(workload):
        for shorter in _shorter(name, exists):
            yield (*workload[:place], shorter, *workload[place + 1 :])


def _shorter(name: str, exists: Callable[[str], bool]) -> Iterator[str]:
    """Yield functions that do the same less often."""
    length = next(each for each in _LENGTHS if name.endswith(each))
    stem = name.removesuffix(length)
    yield from (stem + each for each in _LENGTHS[: _LENGTHS.index(length)] if exists((stem + each).lstrip("+")))
