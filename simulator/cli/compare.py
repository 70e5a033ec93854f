"""``kgraft-sim compare``: one workload and one patch under every consistency model."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli import options
from simulator.cli.exits import Exit


def command(
    name: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO|KERNEL", help="Scenario with tasks, or a kernel with --patch.", show_default=False
        ),
    ],
    patch: options.PatchOf = None,
    tasks: options.Tasks = None,
    functions: options.Functions = None,
    cpus: options.Cpus = None,
    fetch_model: options.Fetch = None,
    max_states: options.MaxStates = None,
    max_transitions: options.MaxTransitions = None,
    max_seconds: options.MaxSeconds = None,
    max_memory: options.MaxMemory = None,
    jobs: options.Jobs = None,
    dask: options.Dask = None,
    as_json: options.Json = False,
    cc: options.Compiler = None,
) -> None:
    """Compare consistency models: safe, finishing, and how long each keeps a CPU from its own work.

    \b
    kgraft-sim compare contract-kgraft
    kgraft-sim compare tasks --patch ticket --cpus 1
    """
    from simulator.campaign.workers import Workers
    from simulator.cli.comparing import compare_all, report, subject
    from simulator.explore.checker import Limits

    asked = subject(name, patch, tasks, functions, cpus, fetch_model, compiler=cc)
    limits = Limits(max_states, max_transitions, max_seconds, max_memory)
    compared, ended_by = compare_all(asked, limits, Workers(jobs, dask), compiler=cc)
    if compared or ended_by is None:
        report(asked, compared, as_json=as_json)
    if ended_by is not None:
        raise ended_by
    if not all(each.row.answer.known for each in compared):
        raise typer.Exit(Exit.INCOMPLETE)
