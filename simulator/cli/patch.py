"""``kgraft-sim patch``: a patch applied to a kernel that runs, task by task."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli import options


def command(
    kernel: Annotated[
        str, typer.Argument(metavar="KERNEL", help="Kernel with tasks, by name or as a folder.", show_default=False)
    ],
    patch: Annotated[
        str, typer.Argument(metavar="PATCH", help="A patch of it, by name or as a C file.", show_default=False)
    ],
    model: Annotated[
        str, typer.Option("--model", help="Consistency model: kgraft, hybrid, stop-machine, immediate.", metavar="NAME")
    ] = "kgraft",
    tasks: options.Tasks = None,
    functions: options.Functions = None,
    cpus: options.Cpus = None,
    fetch_model: options.Fetch = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the random scheduler.", metavar="N")] = 0,
    steps: Annotated[int, typer.Option("--steps", help="Give up after so many steps.", metavar="N", min=1)] = 20_000,
    signal: Annotated[bool, typer.Option("--signal", help="Send tasks that sleep a signal.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Declare every task new, wherever it stands.")] = False,
    trace: options.Trace = None,
    as_json: options.Json = False,
    cc: options.Compiler = None,
) -> None:
    """Compile a patch, check its sites, apply it while the kernel works, and show each task as it changes over.

    Exit code 3 if the patch is not finished in time: then it says who holds it up.

    \b
    kgraft-sim patch tasks contract
    kgraft-sim patch tasks wait --tasks user_wait,user_ticket --signal
    kgraft-sim patch ./mykernel ./fix.c --model hybrid
    """
    from simulator.cli.patching import Wanted, apply, report
    from simulator.cli.tracing import require_format, write

    if trace is not None:
        require_format(trace)
    wanted = Wanted(
        kernel, patch, model, tasks, functions, cpus, fetch_model, seed, steps, signal=signal, force=force, compiler=cc
    )
    applied = apply(wanted, quiet=as_json)
    code = report(applied, as_json=as_json)
    write(trace, [applied.result()])
    raise typer.Exit(code)
