"""Who does the jobs: this process, a process per core, or a Dask cluster. The results are the same.

A worker may die at any time (out of memory, a killed machine). What it had finished is kept; what it was doing
is done again, and only a job that kills its worker again and again, all alone, is given up by name.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

from simulator.campaign.jobs import Job
from simulator.errors import WorkersLost

TRIES = 3
"""Times that a job may kill the worker that does nothing else."""
AHEAD = 2
"""Jobs per worker that are handed out at once: enough that none waits, few enough to stop soon."""

J = TypeVar("J", bound=Job)
Done = tuple[J, Any]


@dataclass(frozen=True, slots=True)
class Workers:
    """How jobs are done: ``jobs`` processes (None: one per core), or the Dask scheduler at ``dask``."""

    jobs: int | None = None
    dask: str | None = None

    @property
    def processes(self) -> int:
        """Return how many processes of this machine may work."""
        return self.jobs or cores()


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def results(jobs: Iterable[J], workers: Workers) -> Generator[Done[J], None, None]:
    """Yield each job with its result, as they are finished; each key once.

    ``jobs`` is read only as far as workers are free. Close the iterator (``contextlib.closing``), or let Ctrl-C
    end it, to stop the workers; what was yielded before stands. Raises WorkersLost or ClusterError, and whatever
    a job raises.
    """
    counted: set[str] = set()
    for job, result in _done(_once(jobs), workers):
        if job.key not in counted:
            counted.add(job.key)
            yield job, result


def _done(jobs: Iterator[J], workers: Workers) -> Iterator[Done[J]]:
    if workers.dask is not None:
        from simulator.campaign.cluster import on_cluster

        return on_cluster(jobs, workers.dask)
    first = list(islice(jobs, 2))
    if len(first) < 2 or workers.processes < 2:  # a process of its own would only cost its start
        return ((job, job.run()) for job in chain(first, jobs))
    return _on_cores(chain(first, jobs), workers.processes)


def _once(jobs: Iterable[J]) -> Iterator[J]:
    seen: set[str] = set()
    for job in jobs:
        if job.key not in seen:
            seen.add(job.key)
            yield job


# this machine --------------------------------------------------------------------------------------------


def _on_cores(jobs: Iterator[J], processes: int) -> Iterator[Done[J]]:
    while True:
        lost: list[J] = []
        yield from _until_one_dies(jobs, processes, lost)
        if not lost:
            return
        for job in lost:
            yield job, _alone(job)


def _until_one_dies(jobs: Iterator[J], processes: int, lost: list[J]) -> Iterator[Done[J]]:
    """Yield results until there are no more jobs, or a worker dies; ``lost`` is then what was under way."""
    with _pool(processes) as pool:
        running: dict[Future[Any], J] = {}
        while True:
            while not lost and len(running) < processes * AHEAD and (job := next(jobs, None)) is not None:
                try:
                    running[pool.submit(_run, job)] = job
                except BrokenProcessPool:
                    lost.append(job)
            if not running:
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in sorted(finished, key=[*running].index):
                job = running.pop(future)
                try:
                    result = future.result()
                except BrokenProcessPool:
                    lost.append(job)
                else:
                    yield job, result


def _alone(job: Job) -> Any:
    """Do a job that was under way when a worker died, with nothing beside it: was it the one?"""
    for _ in range(TRIES):
        with _pool(1) as pool:
            try:
                return pool.submit(_run, job).result()
            except BrokenProcessPool:
                continue
    raise WorkersLost(f"{job.label}: the worker died {TRIES} times of it (out of memory?); try --jobs 1 or a limit")


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Yield a pool whose workers are gone afterwards, whatever they were doing."""
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(processes, mp_context=_context(), initializer=_ignore_interrupts)
    try:
        yield pool
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _context() -> BaseContext:
    """Return how processes are started: a fork is instant, and safe where there is no other thread."""
    try:
        alone = len(os.listdir("/proc/self/task")) == 1
    except OSError:
        alone = False
    if alone:
        return multiprocessing.get_context("fork")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["simulator.campaign.jobs"])
    return context


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the parent, which ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run(job: Job) -> Any:
    return job.run()
