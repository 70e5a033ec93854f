"""A protocol taken apart: its variants checked on all cores, each under every fetch model that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from simulator.campaign.models import ModelsJob
from simulator.campaign.workers import Workers
from simulator.cli.cases import Case, Search, cases
from simulator.cli.gathering import gather
from simulator.cli.question import Question
from simulator.explore.verdict import Verdict
from simulator.patching.steps import Protocol
from simulator.patching.variants import Steps, steps_of
from simulator.scenario.build import Guest
from simulator.scenario.footprint import Checked
from simulator.scenario.minimize import (
    FARTHEST,
    Found,
    Minimized,
    Row,
    around,
    inherited,
    minimal,
    nearest,
    parts,
    require_steps,
    row,
    texts,
    without,
)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where variants are checked: the scenario they are put into, the fetch models, and who does the work."""

    question: Question
    profiles: tuple[str, ...]
    search: Search
    workers: Workers


def minimized(bench: Bench, guest: Guest, *, in_order: bool) -> Minimized:
    """Check every subset and order of a protocol's steps, and what is near it where it is not safe.

    ``guest`` is the scenario's own, booted. Raises ScenarioError, and whatever ended it early: what was proven until
    then is kept.
    """
    scenario, between = guest.scenario, texts(guest)
    steps, profiles = require_steps(bench.question.entry.name, scenario), bench.profiles
    variants, orders = parts(steps, between, in_order=in_order)
    of_parts = [steps_of(each, steps) for each in variants]
    table = _checked(bench, scenario.steps, dict.fromkeys([steps, *of_parts]))
    smallest = minimal(variants, steps, {each: table[each] for each in of_parts}, profiles)
    repairs: tuple[Found, ...] = ()
    broken = {name for name in profiles if table[steps][name].unsafe}
    for edits, near in zip(range(1, FARTHEST + 1), around(steps, between), strict=False):
        if broken:
            unknown = [made for each in near if (made := steps_of(each, steps)) not in table]
            table |= _checked(bench, scenario.steps, unknown)
            repairs += nearest(near, steps, table, broken, edits)
            broken -= {name for found in repairs for name in found.best}
    unfinished = sum(answer.unfinished for each in table.values() for answer in each.values())
    return Minimized(
        steps, profiles, table[steps], without(steps, table), smallest, repairs, orders, len(table), unfinished
    )


def _checked(bench: Bench, protocol: Protocol, wanted: Iterable[Steps]) -> dict[Steps, Row]:
    """Return what every variant amounts to under each fetch model."""
    todo = [*wanted]
    under_way: dict[str, tuple[Steps, Mapping[str, Case]]] = {}
    known: dict[Steps, dict[str, Verdict]] = {}

    def jobs() -> Iterator[ModelsJob]:
        for steps in todo:
            of_one = _cases(bench, replace(protocol, steps=steps))
            known[steps] = _recalled(of_one.values())
            missing = tuple(name for name in bench.profiles if not _settled(name, known[steps]))
            if missing:
                job = _job(bench, of_one[missing[0]], missing, known[steps])
                under_way[job.key] = steps, of_one
                yield job

    def keep(key: str, results: Sequence[tuple[str, Checked]]) -> None:
        steps, of_one = under_way.pop(key)
        for name, checked in results:
            of_one[name].keep(checked)
            known[steps][name] = checked.verdict

    _, ended_by = gather(jobs(), bench.workers, len(todo), keep)
    if ended_by is not None:
        raise ended_by
    return {steps: row(bench.profiles, known[steps]) for steps in todo}


def _cases(bench: Bench, protocol: Protocol) -> dict[str, Case]:
    """Return a variant under each fetch model; its guest is booted only if it is needed."""
    asked = replace(bench.question, scenario=replace(bench.question.scenario, protocol=protocol))
    return {case.fetch: case for case in cases(asked, bench.profiles, bench.search)}


def _recalled(of_one: Iterable[Case]) -> dict[str, Verdict]:
    known: dict[str, Verdict] = {}
    for case in of_one:
        if not inherited(case.fetch, known) and (verdict := case.recall()) is not None:
            known[case.fetch] = verdict
    return known


def _settled(fetch: str, known: Mapping[str, Verdict]) -> bool:
    return fetch in known or bool(inherited(fetch, known))


def _job(bench: Bench, case: Case, missing: tuple[str, ...], known: Mapping[str, Verdict]) -> ModelsJob:
    how, steps = bench.search, case.question.scenario.steps.steps
    name = f"{case.question.entry.name}, {len(steps)} steps"
    return ModelsJob(name, case.guest(), missing, tuple(known.items()), how.reductions, how.limits)
