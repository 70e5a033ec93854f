"""``kgraft-sim replay``: a schedule from its string, in any process, with the same end."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli import options


def command(
    string: Annotated[str, typer.Argument(metavar="STRING", help="Replay string.", show_default=False)],
    smaller: Annotated[
        bool, typer.Option("--shrink", help="Look for the same violation with fewer CPUs, calls and switches.")
    ] = False,
    trace: options.Trace = None,
    verbose: options.Verbose = False,
    as_json: options.Json = False,
    cc: options.Compiler = None,
) -> None:
    """Take the choices of a replay string again. Exit code 1 if they end in a violation.

    \b
    kgraft-sim replay 'kg1:basic+fetch=zen3:3794f840:0x*12,1x*3'
    kgraft-sim replay 'kg1:no-sync+cpus=3+fetch=zen3:3794f840:0x*12,1x*3' --shrink
    """
    from simulator.cli.execution import by_choices, report_replay
    from simulator.cli.question import ask_again
    from simulator.cli.shrinking import shrunk
    from simulator.cli.tracing import require_format, write
    from simulator.explore.schedule import parse

    if trace is not None:
        require_format(trace)
    question = ask_again(parse(string))
    result = by_choices(question, string, compiler=cc)
    result, changes = shrunk(question, result, compiler=cc) if smaller else (result, ())
    code = report_replay(result, verbose=verbose, as_json=as_json, changes=changes)
    write(trace, [result])
    raise typer.Exit(code)
