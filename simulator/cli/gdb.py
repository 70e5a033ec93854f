"""``kgraft-sim gdb``: one execution under gdb, forwards and backwards."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli import options


def command(
    name: options.Name,
    replay: Annotated[
        str | None, typer.Option("--replay", help="Follow these choices to their end.", metavar="STRING")
    ] = None,
    violation: Annotated[
        bool, typer.Option("--violation", help="Look for the shortest counterexample first and follow it.")
    ] = False,
    port: Annotated[
        int, typer.Option("--port", help="Port on 127.0.0.1; 0 takes a free one.", metavar="N", min=0, max=65535)
    ] = 0,
    launch: Annotated[bool, typer.Option("--launch", help="Start gdb, and end with it.")] = False,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Let a random scheduler choose; else the CPUs take turns.", metavar="N")
    ] = None,
    cpus: options.Cpus = None,
    fetch_model: options.Fetch = None,
    protocol: options.Protocol = None,
    model: options.Model = None,
    data_model: options.DataModel = None,
    cc: options.Compiler = None,
) -> None:
    """Serve the GDB remote protocol: every vCPU is a thread, and time goes both ways.

    Waits for gdb, again and again, until Ctrl-C.

    \b
    kgraft-sim gdb basic --launch
    kgraft-sim gdb no-first-sync --violation --launch
    kgraft-sim gdb basic --replay 'kg1:basic+fetch=zen3:3794f840:0x*12,1x*3'
    """
    from simulator.cli.debugging import debug
    from simulator.cli.walk import require_alone, start

    changes = {"cpus": cpus, "fetch": fetch_model, "protocol": protocol, "model": model, "data_model": data_model}
    require_alone(replay, changes, seed=seed, violation=violation)
    walk = start(name, replay, changes, seed=seed, violation=violation, compiler=cc)
    raise typer.Exit(debug(walk, port, launch=launch))
