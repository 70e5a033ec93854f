"""``kgraft-sim run``: one execution, chosen by a seeded scheduler or by a replay string."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli import options


def command(
    name: options.Name,
    cpus: options.Cpus = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the scheduler.", metavar="N")] = 0,
    scheduler: Annotated[
        str, typer.Option("--scheduler", help="random, round-robin, pct or weighted.", metavar="NAME")
    ] = "random",
    fetch_model: options.Fetch = None,
    protocol: options.Protocol = None,
    model: options.Model = None,
    data_model: options.DataModel = None,
    steps: Annotated[int, typer.Option("--steps", help="Stop after so many steps.", metavar="N", min=1)] = 10_000,
    replay: Annotated[
        str | None, typer.Option("--replay", help="Take these choices instead.", metavar="STRING")
    ] = None,
    trace: options.Trace = None,
    verbose: options.Verbose = False,
    as_json: options.Json = False,
    cc: options.Compiler = None,
) -> None:
    """Run one execution and show what every CPU saw at the patch site.

    \b
    kgraft-sim run basic
    kgraft-sim run basic --cpus 4 --seed 7 --fetch-model stale8
    kgraft-sim run basic --trace basic.html
    """
    from simulator.cli.execution import by_choices, by_scheduler, report
    from simulator.cli.question import ask
    from simulator.cli.tracing import require_format, write

    if trace is not None:
        require_format(trace)
    question = ask(name, cpus=cpus, protocol=protocol, model=model, data_model=data_model, fetch=fetch_model)
    if replay is not None:
        result, chosen_by = by_choices(question, replay, compiler=cc), "those of the replay string"
    else:
        result, chosen_by = by_scheduler(question, scheduler, seed, steps, compiler=cc), f"{scheduler}, seed {seed}"
    code = report(question, result, chosen_by, verbose=verbose, as_json=as_json)
    write(trace, [result])
    raise typer.Exit(code)
