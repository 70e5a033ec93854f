"""Many jobs, one progress bar, and whatever is finished when somebody presses Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any

from simulator.campaign.jobs import Job
from simulator.campaign.workers import Workers, results
from simulator.cli.progress import bar
from simulator.errors import WorkersLost


def gather(
    jobs: Iterable[Job], workers: Workers, total: int, keep: Callable[[str, Any], None] | None = None
) -> tuple[dict[str, Any], BaseException | None]:
    """Return the results by key of their job, and what ended it early: Ctrl-C or lost workers.

    ``keep`` is told each key and result as soon as it is there.
    """
    found: dict[str, Any] = {}
    try:
        with bar("", total) as advance, closing(results(jobs, workers)) as done:
            for job, result in done:
                found[job.key] = result
                if keep is not None:
                    keep(job.key, result)
                if advance is not None:
                    advance(len(found), job.label)
    except (KeyboardInterrupt, WorkersLost) as reason:
        return found, reason
    return found, None
