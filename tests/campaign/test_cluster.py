"""A Dask cluster on this machine, whose workers and whose scheduler are killed: nothing lost, nothing twice."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from simulator.campaign.jobs import CheckJob, Job
from simulator.campaign.tally import BATCH
from simulator.campaign.workers import Workers, results
from simulator.errors import ClusterError, WorkersLost
from simulator.explore.checker import Limits
from simulator.explore.reductions import Reductions
from simulator.machine.engine import Engine
from simulator.scenario.build import configure, prepare
from tests.campaign.test_campaigns import Stop, campaign, explored, timeless
from tests.campaign.work import UNSAFE, DiesAlways, DiesOnce, Square, plan

distributed: Any = pytest.importorskip("distributed")


def on_cluster(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that starts a cluster; what one that is killed warns of is its own affair."""
    return pytest.mark.slow(pytest.mark.filterwarnings("ignore")(test))


@contextmanager
def cluster(workers: int = 2) -> Iterator[Any]:
    """A cluster of processes on the loopback interface."""
    with distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", host="127.0.0.1",
        silence_logs=50,
    ) as found:  # fmt: skip
        yield found


@pytest.fixture(scope="module")
def shared() -> Iterator[Any]:
    with cluster() as found:
        yield found


def at(found: Any) -> Workers:
    return Workers(dask=found.scheduler_address)


def done(jobs: list[Job], workers: Workers) -> dict[str, object]:
    pairs = [(job.key, result) for job, result in results(jobs, workers)]
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


@on_cluster
def test_a_cluster_finds_what_one_worker_finds(shared: Any) -> None:
    ours, stop = plan(), Stop(3 * BATCH, None, None)
    with campaign(ours, stop) as each:
        each.workers = at(shared)
        assert timeless(each.run()) == timeless(explored(ours, stop, 1))


@on_cluster
def test_a_job_that_kills_its_worker_once_is_done_once(shared: Any, tmp_path: Path) -> None:
    jobs = [DiesOnce(number, tmp_path / "marker") if number == 3 else Square(number) for number in range(12)]
    assert done([*jobs], at(shared)) == {f"square {n}": n * n for n in range(12)}
    assert (tmp_path / "marker").exists()


@on_cluster
def test_a_worker_that_is_killed_from_outside_costs_time_only(shared: Any) -> None:
    guest = prepare(UNSAFE, engine := Engine())
    jobs = [
        CheckJob(str(n), configure(guest, fetch, engine).fingerprint, guest, fetch, Reductions(), Limits())
        for n in range(4)
        for fetch in ("coherent", "zen3")
    ]
    found, victim = {}, next(iter(shared.workers.values())).pid
    for job, checked in results(jobs, at(shared)):
        if not found:
            os.kill(victim, signal.SIGKILL)
        assert job.key not in found
        found[job.key] = checked.verdict.label
    alone = {job.key: checked.verdict.label for job, checked in results(jobs, Workers(1))}
    assert found == alone


@on_cluster
def test_a_campaign_goes_on_after_its_scheduler_is_gone(shared: Any, tmp_path: Path) -> None:
    ours, path, whole = plan(), tmp_path / "results.sqlite", Stop(4 * BATCH, None, None)
    with cluster(1) as first, campaign(ours, Stop(2 * BATCH, None, None), path=path) as each:
        each.workers = at(first)
        each.run()
    with campaign(ours, whole, path=path, resume=True) as each:
        each.workers = at(shared)
        resumed = each.run()
    assert resumed.summary.fresh == 2 * BATCH
    assert timeless(resumed) == timeless(explored(ours, whole, 1))


def test_an_address_where_nobody_answers_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.campaign.cluster.TIMEOUT", "0.2s")
    with socket.socket() as taken:  # bound, and not listening
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ClusterError, match=f"no Dask scheduler answers at {address}") as caught:
            done([Square(1)], Workers(dask=address))
    assert "\n" not in str(caught.value)


def test_an_address_that_makes_no_sense_is_one_line() -> None:
    with pytest.raises(ClusterError, match="no Dask scheduler answers at nonsense://x"):
        done([Square(1)], Workers(dask="nonsense://x"))


def test_without_the_extra_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install 'kgraft-sim\[dask\]'"):
        done([Square(1)], Workers(dask="tcp://127.0.0.1:1"))


@on_cluster
def test_a_job_that_always_kills_its_worker_is_named() -> None:
    with cluster(1) as found, pytest.raises(WorkersLost, match="square 7"):
        done([DiesAlways(7)], at(found))
