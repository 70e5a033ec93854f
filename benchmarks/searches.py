"""The searches that are measured, each some times in processes of its own, and the medians."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import NamedTuple

from benchmarks import one, spin
from benchmarks.one import REDUCTIONS, Answer, Question
from benchmarks.process import run
from benchmarks.results import ANY, CHECK, FOUND, ONLY, WITHOUT, Row, middle
from simulator.machine.profiles import PROFILES
from simulator.patching.protocols import PROTOCOLS

MAIN = ("coherent", "stale8")
"""Fetch models that are checked with the most CPUs."""

COMPARED = "stale8"
"""The fetch model that reductions and SPIN are compared on."""

NONE = "no reduction"


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is measured."""

    cpus: int = 2
    """Executing CPUs to go up to."""
    other_cpus: int = 1
    """The same for fetch models that are not the main ones."""
    runs: int = 1
    """Runs of each search of the main models and of SPIN, of which the median is taken."""
    other_runs: int = 1
    """The same for everything else."""
    patience: float = 60.0
    """Seconds after which a search is not repeated any more."""
    other_patience: float = 5.0
    limit: float = 3.0
    """Time limit of a search with reductions switched off."""
    spin_limit: float = 10.0
    """Time limit of ./pan."""


FULL = Settings(cpus=8, other_cpus=4, runs=5, other_runs=3, limit=12.0, spin_limit=60.0)
"""What the published table is measured with."""


def checks(settings: Settings) -> Iterator[Row]:
    """Full text_poke, all reductions on, by fetch model and number of CPUs; ``against_spin`` has the one compared."""
    for fetch in PROFILES:
        if fetch != COMPARED:
            main = fetch in MAIN
            times = _times(settings) if main else _other_times(settings)
            for cpus in range(1, (settings.cpus if main else settings.other_cpus) + 1):
                yield repeated(partial(ours, CHECK, fetch, Question(fetch, cpus)), times)


def any_number(settings: Settings) -> Iterator[Row]:
    """Full text_poke for any number of CPUs."""
    for fetch in PROFILES:
        yield repeated(partial(ours, ANY, fetch, Question(fetch, None)), _other_times(settings))


def reductions(settings: Settings) -> Iterator[Row]:
    """What each reduction is worth: none, each alone with what it needs, all but one."""
    series: list[tuple[str, str, tuple[str, ...]]] = [(ONLY, NONE, ())]
    series += [(ONLY, name, one.only(name)) for name in REDUCTIONS]
    series += [(WITHOUT, name, one.without(name)) for name in REDUCTIONS]
    for section, name, on in series:
        ask_for = partial(_reduced, section, name, on, settings.limit)
        yield from growing([ask_for], settings.cpus, settings.limit, _other_times(settings))


def _reduced(section: str, series: str, on: tuple[str, ...], limit: float, cpus: int) -> Row:
    return ours(section, series, Question(COMPARED, cpus, reductions=on, seconds=limit))


def against_spin(settings: Settings) -> Iterator[Row]:
    """Full text_poke and SPIN on its models in turn, so that what else the machine does slows down all of them.

    Without its reduction SPIN is measured once: it is only there to be looked at. Raises FileNotFoundError behind our
    own rows if SPIN cannot be run.
    """
    missing, limit = spin.missing(), settings.spin_limit
    models = [(model.reduced, partial(spin.measure, model, limit)) for model in spin.MODELS if not missing]
    reduced = [measure for is_reduced, measure in models if is_reduced]
    yield from growing([_compared, *reduced], settings.cpus, limit, _times(settings))
    if missing:
        raise FileNotFoundError(missing)
    for is_reduced, measure in models:
        if not is_reduced:
            yield from growing([measure], settings.cpus, limit, Times(1, settings.patience))


def _compared(cpus: int) -> Row:
    return ours(CHECK, COMPARED, Question(COMPARED, cpus))


def counterexamples(settings: Settings) -> Iterator[Row]:
    """Find the shortest counterexample of every unsafe protocol with two CPUs, under the first model that has one."""
    for name in PROTOCOLS:
        fetch = one.unsafe_under(name)
        if fetch is not None:
            yield repeated(partial(ours, FOUND, name, Question(fetch, 2, name), fetch), _other_times(settings))


class Times(NamedTuple):
    """How often a search is run, and after how many seconds no more."""

    runs: int
    patience: float


def _times(settings: Settings) -> Times:
    return Times(settings.runs, settings.patience)


def _other_times(settings: Settings) -> Times:
    return Times(settings.other_runs, settings.other_patience)


def growing(measures: Sequence[Callable[[int], Row]], most: int, limit: float, times: Times) -> Iterator[Row]:
    """Measure with 1, 2, 3 ... CPUs, in turn where there are several, up to the number that did not finish in time.

    Where the time of the last and the growth of the states say that the next will not finish, it is not begun.
    """
    running: list[tuple[Callable[[int], Row], Row | None]] = [(measure, None) for measure in measures]
    for cpus in range(1, most + 1):
        rows = in_turn([partial(measure, cpus) for measure, _ in running], times)
        yield from rows
        pairs = zip(running, rows, strict=True)
        running = [(measure, row) for (measure, before), row in pairs if _may_go_on(row, before, limit)]


def _may_go_on(row: Row, before: Row | None, limit: float) -> bool:
    """Say whether one more CPU may finish: time goes on growing by the factor by which states grew."""
    if before is None or not before.states or not row.finished:
        return row.finished
    growth, longer = row.states / before.states, max(row.search - before.search, 0.0)
    return row.search + growth * longer <= limit


def in_turn(measures: Sequence[Callable[[], Row]], times: Times) -> list[Row]:
    """Measure each once, then each again, and so on, until the patience with it ends; return the middles."""
    taken: list[list[Row]] = [[] for _ in measures]
    for _ in range(times.runs):
        for measure, rows in zip(measures, taken, strict=True):
            if not rows or (rows[-1].finished and sum(row.whole for row in rows) < times.patience):
                rows.append(measure())
    return [middle(rows) for rows in taken]


def repeated(measure: Callable[[], Row], times: Times) -> Row:
    """Measure some times, until patience ends, and return the middle."""
    return in_turn([measure], times)[0]


def ours(section: str, series: str, question: Question, note: str = "") -> Row:
    """Ask once, in a fresh process."""
    answer, whole = ask(question)
    if answer.steps:
        note = f"{note}, {answer.steps} steps"
    return Row(
        section, series, question.cpus, answer.outcome, answer.states, answer.transitions, answer.search,
        answer.verdict, whole, answer.memory, 1, note,
    )  # fmt: skip


def profiled(row: Row) -> tuple[str, tuple[str, ...]]:
    """Search again what a row of ours is about, under a profiler; return what it was and where the time went."""
    if row.section == FOUND:
        what = f"{row.series}, 2 CPUs, {row.note}"
        question = Question(row.note.partition(",")[0], 2, row.series, profile=True)
    else:
        what = f"full text_poke, {'any number of' if row.cpus is None else row.cpus} CPUs, {row.series}"
        question = Question(row.series, row.cpus, profile=True)
    return what, ask(question)[0].profile


def ask(question: Question) -> tuple[Answer, float]:
    """Return the answer of a fresh process and the seconds from its start to its end.

    Raises RuntimeError with what it printed if it fails.
    """
    ended = run([sys.executable, "-m", "benchmarks.one", json.dumps(asdict(question))])
    if ended.code:
        raise RuntimeError(f"benchmarks.one {question} failed: {ended.output[-2000:]}")
    answer = Answer(**json.loads(ended.output.splitlines()[-1]))
    return answer, ended.seconds
