"""Jobs on a Dask cluster. ``distributed`` is the engine: it schedules, and repeats what a lost worker was doing."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Generic, TypeVar

from simulator.campaign.jobs import Job
from simulator.errors import ClusterError, SimulatorError, WorkersLost

J = TypeVar("J", bound=Job)
TIMEOUT = "10s"
AHEAD = 2
TRIES = 3
"""Times that a job is handed out again because its scheduler has forgotten it."""


def on_cluster(jobs: Iterator[J], address: str) -> Iterator[tuple[J, Any]]:
    """Yield each job with its result as it is finished. Raises ClusterError or WorkersLost."""
    with _client(address) as (client, distributed):
        session: _Session[J] = _Session(client, distributed, address)
        yield from session.results(jobs)


class _Session(Generic[J]):
    """Jobs under way on one scheduler; if it restarts, what it forgot is handed out again."""

    def __init__(self, client: Any, distributed: Any, address: str) -> None:
        self._client, self._distributed, self._address = client, distributed, address
        self._queue = distributed.as_completed(loop=client.loop)
        self._waiting: dict[str, J] = {}
        self._forgotten: dict[str, int] = {}
        self._room = AHEAD

    def results(self, jobs: Iterator[J]) -> Iterator[tuple[J, Any]]:
        self._hand_out(jobs)
        while self._waiting:
            future = next(self._queue)
            job = self._waiting.pop(future.key)
            if future.cancelled():
                self._again(job)
            else:
                yield job, self._result(future, job)
            self._hand_out(jobs)

    def _hand_out(self, jobs: Iterator[J]) -> None:
        with suppress(OSError):  # not to be asked right now: what it was before will do
            self._room = AHEAD * max(sum(self._client.nthreads().values()), 1)
        while len(self._waiting) < self._room and (job := next(jobs, None)) is not None:
            self._submit(job)

    def _submit(self, job: J) -> None:
        future = self._client.submit(_run, job, pure=False)
        self._waiting[future.key] = job
        self._queue.add(future)

    def _again(self, job: J) -> None:
        """Hand out a job that the scheduler has forgotten, as long as there is one to hand it to."""
        times = self._forgotten[job.key] = self._forgotten.get(job.key, 0) + 1
        if self._client.status not in ("running", "connecting") or times > TRIES:
            raise WorkersLost(f"the Dask scheduler at {self._address} went away; what was finished is kept")
        self._submit(job)

    def _result(self, future: Any, job: J) -> Any:
        try:
            return future.result()
        except self._distributed.KilledWorker as error:
            raise WorkersLost(f"{job.label}: Dask workers died of it again and again (out of memory?)") from error
        except ModuleNotFoundError as error:
            raise ClusterError(f"the Dask workers lack {error.name}: install kgraft-sim where they run") from error


@contextmanager
def _client(address: str) -> Iterator[tuple[Any, Any]]:
    """Yield a client of the scheduler, and the library."""
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError as error:
        raise ClusterError("--dask needs the extra 'dask': pip install 'kgraft-sim[dask]'") from error
    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)  # what goes wrong is said once, by the error
    try:
        try:
            client = distributed.Client(address, timeout=TIMEOUT, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise ClusterError(f"no Dask scheduler answers at {address}: {_short(error)}") from error
        try:
            yield client, distributed
        except (SimulatorError, KeyboardInterrupt, GeneratorExit):
            raise
        except OSError as error:
            raise WorkersLost(f"the Dask scheduler at {address} went away: {_short(error)}") from error
        finally:
            client.close(timeout=2)
    finally:
        logger.setLevel(level)


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _run(job: Job) -> Any:
    return job.run()
