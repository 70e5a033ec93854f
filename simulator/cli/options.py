"""Options that several commands share, with their help texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Name = Annotated[
    str, typer.Argument(metavar="NAME|FILE", help="Scenario, by name or as a Python file.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Cpus = Annotated[int | None, typer.Option("--cpus", help="vCPUs that execute the workload.", metavar="N")]
CpusOrAny = Annotated[
    str | None, typer.Option("--cpus", help="vCPUs that execute the workload, or any number at once.", metavar="N|any")
]
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
Model = Annotated[
    str | None,
    typer.Option(
        "--model", help="Consistency model, where there are tasks ('kgraft-sim list --models').", metavar="NAME"
    ),
]
DataModel = Annotated[str | None, typer.Option("--data-model", help="tso or sc.", metavar="NAME")]
Compiler = Annotated[str | None, typer.Option("--cc", help="Compile the guest with this compiler.", metavar="COMMAND")]
Time = Annotated[bool, typer.Option("--time", help="Show seconds (which differ from run to run).")]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", help="Processes; one per core by default.", metavar="N", min=1, show_default=False),
]
Dask = Annotated[
    str | None, typer.Option("--dask", help="Work on the Dask cluster of this scheduler.", metavar="ADDRESS")
]
Trace = Annotated[
    Path | None,
    typer.Option(
        "--trace", help="Write the execution to a .pftrace, .json, .html or .txt.", metavar="FILE", show_default=False
    ),
]
TablePage = Annotated[
    Path | None,
    typer.Option("--trace", help="Write table and counterexamples to a .html.", metavar="FILE", show_default=False),
]
MaxStates = Annotated[int | None, typer.Option("--max-states", help="Stop at so many states.", metavar="N", min=1)]
MaxTransitions = Annotated[
    int | None, typer.Option("--max-transitions", help="Stop at so many transitions.", metavar="N", min=1)
]
MaxSeconds = Annotated[float | None, typer.Option("--max-seconds", help="Stop after so long.", metavar="S", min=0)]
MaxMemory = Annotated[int | None, typer.Option("--max-memory", help="Stop at so much memory.", metavar="MIB", min=1)]
PatchOf = Annotated[
    str | None, typer.Option("--patch", help="A patch of the kernel, by name or as a C file.", metavar="NAME|FILE")
]
Tasks = Annotated[str | None, typer.Option("--tasks", help="Programs of the kernel's CPUs, as a,b/c.", metavar="A,B/C")]
Functions = Annotated[
    str | None, typer.Option("--functions", help="Which functions of the patch; all by default.", metavar="A,B")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print every step, after ftrace.")]

Profiles = Annotated[
    str | None, typer.Option("--profiles", help="Comma-separated fetch models; all by default.", metavar="A,B")
]

ANY = "any"


def number_or_any(text: str | None) -> int | None:
    """Return a number of vCPUs; None for none given, and for any. Raises typer.BadParameter."""
    if text is None or text == ANY:
        return None
    if not text.isdigit():
        raise typer.BadParameter(f"{text!r} is neither a number nor 'any'", param_hint="--cpus")
    return int(text)


def listed(text: str | None) -> list[str]:
    """Return the parts of a comma-separated list."""
    return [part.strip() for part in (text or "").split(",") if part.strip()]
