"""``kgraft-sim step``: one execution in a terminal, forwards and backwards, with a person as the scheduler."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from simulator.cli import options


def command(
    name: options.Name,
    replay: Annotated[
        str | None,
        typer.Option("--replay", help="Follow these choices; the string has its own options.", metavar="STRING"),
    ] = None,
    violation: Annotated[
        bool, typer.Option("--violation", help="Look for the shortest counterexample first and follow it.")
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option("--seed", help="Let a random scheduler choose, not one vCPU after another.", metavar="N"),
    ] = None,
    cpus: options.Cpus = None,
    fetch_model: options.Fetch = None,
    protocol: options.Protocol = None,
    model: options.Model = None,
    data_model: options.DataModel = None,
    cc: options.Compiler = None,
) -> None:
    """Step through a transition in the terminal: any CPU, forwards, backwards, and off the schedule.

    \b
    kgraft-sim step basic
    kgraft-sim step no-first-sync --violation
    kgraft-sim step no-first-sync --replay 'kg1:no-first-sync+fetch=zen3:...'
    """
    from simulator.cli.stepping import step_through
    from simulator.cli.walk import require_alone, start
    from simulator.errors import SimulatorError

    changes = {"cpus": cpus, "fetch": fetch_model, "protocol": protocol, "model": model, "data_model": data_model}
    require_alone(replay, changes, seed=seed, violation=violation)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise SimulatorError("step needs a terminal; 'kgraft-sim run --verbose' prints the steps of an execution")
    walk = start(name, replay, changes, seed=seed, violation=violation, compiler=cc)
    if step_through(walk):
        raise KeyboardInterrupt
