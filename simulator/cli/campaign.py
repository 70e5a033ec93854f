"""``kgraft-sim campaign``: random schedules of what is too large to check, until coverage is flat."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli import options


def command(
    name: options.Name,
    cpus: options.Cpus = None,
    fetch_model: options.Fetch = None,
    protocol: options.Protocol = None,
    model: options.Model = None,
    data_model: options.DataModel = None,
    scheduler: Annotated[
        str, typer.Option("--scheduler", help="pct, uniform or weighted (to the patch window).", metavar="NAME")
    ] = "weighted",
    seed: Annotated[int, typer.Option("--seed", help="Of the first schedule.", metavar="N")] = 0,
    schedules: Annotated[
        int, typer.Option("--schedules", help="Stop after so many schedules.", metavar="N", min=1)
    ] = 10_000,
    seconds: Annotated[
        float | None, typer.Option("--seconds", help="Stop after so long.", metavar="T", min=0, show_default=False)
    ] = None,
    until_flat: Annotated[
        int,
        typer.Option(
            "--until-flat", help="Stop when so many schedules meet nothing new; 0: never.", metavar="N", min=0
        ),
    ] = 500,
    steps: Annotated[int, typer.Option("--steps", help="Most steps of one schedule.", metavar="N", min=1)] = 10_000,
    jobs: options.Jobs = None,
    dask: options.Dask = None,
    store: Annotated[
        Path | None, typer.Option("--store", help="File of results; .kgraft/results.sqlite by default.", metavar="FILE")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what the store has of this campaign.")] = False,
    time: options.Time = False,
    as_json: options.Json = False,
    cc: options.Compiler = None,
) -> None:
    """Explore at random: coverage over time, and every kind of violation, shrunk to a replay.

    \b
    kgraft-sim campaign four-cpus --scheduler pct --seconds 60
    kgraft-sim campaign no-sync --schedules 200 -j 2
    kgraft-sim campaign basic --cpus 4 --until-flat 2000 --resume
    """
    from simulator.campaign.explore import Stop
    from simulator.campaign.workers import Workers
    from simulator.cli.campaigning import explore, report
    from simulator.cli.question import ask

    question = ask(name, cpus=cpus, protocol=protocol, model=model, data_model=data_model, fetch=fetch_model)
    outcome = explore(
        question, scheduler, seed, steps, Stop(schedules, seconds, until_flat or None), Workers(jobs, dask),
        store=store, resume=resume, compiler=cc,
    )  # fmt: skip
    code = report(outcome, time=time, as_json=as_json)
    if outcome.explored.ended_by is not None:
        raise outcome.explored.ended_by
    raise typer.Exit(code)
