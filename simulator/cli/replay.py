"""``kgraft-sim replay``: a schedule from its string, in any process, with the same end."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli import options


def command(
    string: Annotated[str, typer.Argument(metavar="STRING", help="Replay string.", show_default=False)],
    trace: options.Trace = None,
    verbose: options.Verbose = False,
    as_json: options.Json = False,
    cc: options.Compiler = None,
) -> None:
    """Take the choices of a replay string again. Exit code 1 if they end in a violation.

    \b
    kgraft-sim replay 'kg1:basic+fetch=zen3:3794f840:0x*12,1x*3'
    """
    from simulator.cli.execution import by_choices, report_replay
    from simulator.cli.question import ask_again
    from simulator.cli.tracing import require_format, write
    from simulator.explore.schedule import parse

    if trace is not None:
        require_format(trace)
    result = by_choices(ask_again(parse(string)), string, compiler=cc)
    code = report_replay(result, verbose=verbose, as_json=as_json)
    write(trace, [result])
    raise typer.Exit(code)
