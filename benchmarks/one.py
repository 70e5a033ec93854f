"""One measurement in a process of its own: ``python -m benchmarks.one QUESTION``, answered as a line of JSON.

Everything is cold then, and the most memory ever held is that of this one search.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import resource
import sys
import time
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from simulator.explore.checker import Limits, Options, check
from simulator.explore.reductions import Reductions
from simulator.explore.verdict import Outcome, Verdict
from simulator.machine.engine import Engine
from simulator.machine.profiles import PROFILES
from simulator.patching.protocols import protocol as protocol_by_name
from simulator.scenario import Scenario
from simulator.scenario.any_number import check_any, prepare_family
from simulator.scenario.build import Built, build

ACROSS = 62
"""The site begins two bytes in front of a cache line: every granule but the coherent one is crossed."""

REDUCTIONS = tuple(field.name for field in fields(Reductions))

_NEEDS = {"merge": (), "symmetry": (), "ahead": ("merge", "interrupts"), "late": ("merge", "interrupts", "ahead")}
"""What must be on for a reduction to do anything; for those not listed ``merge``."""

_LINES = 8
"""Functions that a profile names."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is measured."""

    fetch: str
    cpus: int | None
    """None: any number."""
    protocol: str = "text-poke"
    reductions: tuple[str, ...] = REDUCTIONS
    seconds: float | None = None
    """The time limit of the search."""
    profile: bool = False
    """Say where the time goes; takes longer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was measured: times in seconds, memory in MiB."""

    outcome: str
    states: int
    transitions: int
    search: float
    verdict: float
    memory: float
    steps: int = 0
    """Choices in the replay of the counterexample, if there is one."""
    profile: tuple[str, ...] = ()


def only(reduction: str) -> tuple[str, ...]:
    """Return one reduction with those that it needs."""
    return (*_NEEDS.get(reduction, ("merge",)), reduction)


def without(reduction: str) -> tuple[str, ...]:
    """Return all reductions but one; those that need it then do nothing."""
    return tuple(name for name in REDUCTIONS if name != reduction)


def unsafe_under(protocol: str) -> str | None:
    """Return the first fetch model, in the order of the table, under which two CPUs violate something."""
    for fetch in PROFILES:
        if _check(Question(fetch, 2, protocol), _built(Question(fetch, 2, protocol))).outcome is Outcome.VIOLATION:
            return fetch
    return None


def answer(question: Question) -> Answer:
    """Ask once."""
    profiler = cProfile.Profile() if question.profile else None
    started = time.perf_counter()
    if profiler is not None:
        profiler.enable()
    verdict = _any(question) if question.cpus is None else _check(question, _built(question))
    if profiler is not None:
        profiler.disable()
    seconds, found = time.perf_counter() - started, verdict.statistics
    return Answer(
        "not finished" if verdict.outcome is Outcome.INCOMPLETE else verdict.label, found.states, found.transitions,
        found.seconds, seconds, peak(), len(verdict.schedule) if verdict.outcome is Outcome.VIOLATION else 0,
        _busiest(profiler) if profiler is not None else (),
    )  # fmt: skip


def _scenario(question: Question) -> Scenario:
    workload = "workload_stoppable" if protocol_by_name(question.protocol).stops else "workload_caller"
    return Scenario(
        cpus=question.cpus or 1, protocol=question.protocol, fetch=question.fetch, placement=ACROSS, workload=workload
    )


def _built(question: Question) -> Built:
    return build(_scenario(question), Engine())


def _check(question: Question, built: Built) -> Verdict:
    on = Reductions(**{name: name in question.reductions for name in REDUCTIONS})
    return check(built.subject, Options(on, Limits(seconds=question.seconds)))


def _any(question: Question) -> Verdict:
    engine = Engine()
    family = prepare_family(_scenario(question), engine)
    limits = Options(limits=Limits(seconds=question.seconds))
    return check_any(family, question.fetch, engine, lambda built: check(built.subject, limits)).verdict


def peak() -> float:
    """Return the most memory that this process ever held, in MiB."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    except (OSError, StopIteration):  # no Linux; there what was held before exec() would count too
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _busiest(profiler: cProfile.Profile) -> tuple[str, ...]:
    """Return the functions with the most time of their own: share, calls, name."""
    entries: dict[tuple[str, int, str], tuple[int, int, float, float, object]] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    total = sum(entry[2] for entry in entries.values()) or 1.0
    most = sorted(entries.items(), key=lambda item: -item[1][2])[:_LINES]
    return tuple(f"{entry[2] / total:.0%} {_name(*where)}, {entry[1]:,} calls" for where, entry in most)


def _name(file: str, line: int, function: str) -> str:
    return function if file == "~" else f"{Path(file).parent.name}/{Path(file).name}: {function}"


def main() -> None:
    """Answer the question on the command line."""
    question = Question(**json.loads(sys.argv[1]))
    print(json.dumps(asdict(answer(replace(question, reductions=tuple(question.reductions))))))


if __name__ == "__main__":
    main()
