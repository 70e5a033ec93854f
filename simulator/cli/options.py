"""Options that several commands share, with their help texts."""

from __future__ import annotations

from typing import Annotated

import typer

Name = Annotated[
    str, typer.Argument(metavar="NAME|FILE", help="Scenario, by name or as a Python file.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Cpus = Annotated[int | None, typer.Option("--cpus", help="vCPUs that execute the workload.", metavar="N")]
Fetch = Annotated[
    str | None,
    typer.Option("--fetch-model", help="Model of instruction fetch ('kgraft-sim list --profiles').", metavar="NAME"),
]
FetchOrAll = Annotated[
    str | None, typer.Option("--fetch-model", help="Model of instruction fetch, or all of them.", metavar="NAME|all")
]
Protocol = Annotated[
    str | None,
    typer.Option("--protocol", help="How bytes are exchanged ('kgraft-sim list --protocols').", metavar="NAME"),
]
DataModel = Annotated[str | None, typer.Option("--data-model", help="tso or sc.", metavar="NAME")]
Compiler = Annotated[str | None, typer.Option("--cc", help="Compile the guest with this compiler.", metavar="COMMAND")]
Time = Annotated[bool, typer.Option("--time", help="Show seconds (which differ from run to run).")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print every step, after ftrace.")]
