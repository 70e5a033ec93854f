"""Whoever does the jobs, each is done once and counted once."""

from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simulator.campaign.jobs import CheckJob, Job
from simulator.campaign.workers import TRIES, Workers, results
from simulator.errors import WorkersLost
from simulator.explore.checker import Limits
from simulator.explore.reductions import Reductions
from simulator.machine.engine import Engine
from simulator.scenario.build import configure, prepare
from simulator.scenario.catalogue import find, names
from tests.campaign.work import UNSAFE, DiesAlways, DiesOnce, Fails, Noted, Square

ROOT = Path(__file__).parents[2]
ONE, TWO = Workers(1), Workers(2)


def done(jobs: list[Job], workers: Workers) -> dict[str, object]:
    """Key to result; no key comes twice."""
    found = [(job.key, result) for job, result in results(jobs, workers)]
    assert len(dict(found)) == len(found)
    return dict(found)


@pytest.mark.parametrize("workers", [ONE, TWO], ids=["one worker", "two workers"])
def test_every_job_is_done(workers: Workers) -> None:
    assert done([Square(number) for number in range(20)], workers) == {f"square {n}": n * n for n in range(20)}


@pytest.mark.parametrize("workers", [ONE, TWO], ids=["one worker", "two workers"])
def test_a_job_that_is_there_twice_is_done_once(workers: Workers, tmp_path: Path) -> None:
    jobs = [Noted(number, tmp_path / "notes") for number in (1, 2, 1, 2, 3)]
    assert done([*jobs], workers) == {"square 1": 1, "square 2": 4, "square 3": 9}
    assert sorted((tmp_path / "notes").read_text().split()) == ["1", "2", "3"]


def test_a_killed_worker_loses_nothing_and_counts_nothing_twice(tmp_path: Path) -> None:
    jobs = [DiesOnce(number, tmp_path / "marker") if number == 3 else Square(number) for number in range(12)]
    assert done([*jobs], TWO) == {f"square {n}": n * n for n in range(12)}
    assert (tmp_path / "marker").exists()


def test_what_was_finished_before_a_worker_died_is_not_done_again(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    early = [Noted(number, notes) for number in range(8)]
    stream = results([*early, DiesOnce(100, tmp_path / "marker"), Square(101)], TWO)
    finished = {job.key for job, _ in stream}
    assert len(finished) == 10
    assert len(notes.read_text().split()) - 8 <= TWO.processes * 2, "only what was under way may be done again"


def test_a_job_that_always_kills_its_worker_is_named() -> None:
    with pytest.raises(WorkersLost, match=f"square 7: the worker died {TRIES} times"):
        done([Square(1), Square(2), DiesAlways(7), Square(3)], TWO)


def test_the_other_jobs_under_way_are_finished_when_one_always_kills_its_worker() -> None:
    finished = []
    with pytest.raises(WorkersLost):
        finished.extend(job.key for job, _ in results([DiesAlways(7), Square(1)], TWO))
        raise AssertionError("the job cannot be done")
    assert "square 7" not in finished


def test_what_a_job_raises_comes_out_of_its_worker() -> None:
    with pytest.raises(ValueError, match="no square of 5"):
        done([Square(1), Square(2), Fails(5)], TWO)


def test_no_worker_is_left_when_nobody_wants_more_results() -> None:
    before = multiprocessing.active_children()
    stream = results((Square(number) for number in range(1_000_000)), TWO)
    next(stream)
    stream.close()
    assert multiprocessing.active_children() == before


INTERRUPTED = """
import multiprocessing, os
from simulator.campaign.workers import Workers
from simulator.cli.gathering import gather
from tests.campaign.work import Interrupts, Square
if __name__ == "__main__":
    jobs = [Square(1), Square(2), Square(3), Square(4), Square(5), Interrupts(0, os.getpid())]
    found, reason = gather(jobs, Workers(2), 6)
    print(type(reason).__name__, len(found) <= 5, found.items() <= {f"square {n}": n * n for n in range(6)}.items())
    print(multiprocessing.active_children())
"""


def test_ctrl_c_stops_the_workers_and_keeps_what_is_finished(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(INTERRUPTED)
    ran = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}, timeout=60
    )
    assert (ran.stdout, ran.stderr) == ("KeyboardInterrupt True True\n[]\n", "")


def test_one_worker_and_two_come_to_the_same_verdicts() -> None:
    guest = prepare(UNSAFE, engine := Engine())
    jobs = [
        CheckJob("x", configure(guest, fetch, engine).fingerprint, guest, fetch, Reductions(), Limits(states=2_000))
        for fetch in ("coherent", "zen3", "qword8")
    ]
    one, two = done([*jobs], ONE), done([*jobs], TWO)
    assert [_timeless(one[job.key]) for job in jobs] == [_timeless(two[job.key]) for job in jobs]


def _timeless(checked: Any) -> tuple[object, ...]:
    verdict, statistics = checked.verdict, checked.verdict.statistics
    numbers = (statistics.states, statistics.transitions, statistics.unicorn_steps)
    return verdict.schedule, verdict.label, *numbers, checked.footprint


@pytest.mark.parametrize("name", names())
def test_every_shipped_scenario_can_be_sent_to_a_worker(name: str) -> None:
    scenario = find(name).scenario
    assert pickle.loads(pickle.dumps(scenario)) == scenario
