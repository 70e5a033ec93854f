"""``kgraft-sim matrix``: protocols against fetch models and placements, each cell an exhaustive check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli import options
from simulator.cli.exits import Exit

if TYPE_CHECKING:
    from simulator.campaign.jobs import MatrixJob
    from simulator.scenario.matrix import Cell


def command(
    protocols: Annotated[
        str | None, typer.Option("--protocols", help="Comma-separated names; all by default.", metavar="A,B")
    ] = None,
    profiles: options.Profiles = None,
    placements: Annotated[
        str, typer.Option("--placements", help="Addresses of the site modulo 64 KiB.", metavar="N,N")
    ] = "0,5,63,62,60",
    jobs: options.Jobs = None,
    dask: options.Dask = None,
    as_json: options.Json = False,
    trace: options.TablePage = None,
) -> None:
    """Check protocols under fetch models at placements, one CPU calling the function, one patching it.

    \b
    ok         safe; ok/int3,old: safe, but that may still be executed after the patcher is done
    torn       bytes of two versions executed as one instruction
    UB         undefined in Intel's reading
    NOHANDLER  an INT3 that no handler claims
    stuck      the patcher waits for ever

    \b
    kgraft-sim matrix --protocols text-poke,store8 --placements 0,62
    kgraft-sim matrix --protocols text-poke-13 --placements 62 --trace table.html
    """
    from simulator.campaign.workers import Workers
    from simulator.cli.gathering import gather
    from simulator.cli.output import show, width
    from simulator.machine.profiles import PROFILES, profile
    from simulator.patching.protocols import PROTOCOLS, protocol
    from simulator.report import cells, documents
    from simulator.report.trace_file import require_page
    from simulator.scenario.matrix import in_order

    if trace is not None:
        require_page(trace)
    names = [protocol(name).name for name in options.listed(protocols)] or [*PROTOCOLS]
    models = [profile(name).name for name in options.listed(profiles)] or [*PROFILES]
    places = [_number(text) for text in options.listed(placements)]
    total = len(names) * len(models) * len(places)
    by_key, ended_by = gather(_jobs(names, models, places), Workers(jobs, dask), total)
    found = in_order(by_key.values(), names, models, places)
    if as_json:
        show(documents.dumps(documents.document("matrix", cells=documents.matrix(found))))
    else:
        show(cells.cells(found, width()))
    if ended_by is not None:
        raise ended_by
    if trace is not None:
        _write_page(trace, found)
    if any(cell.text == "?" for cell in found):
        raise typer.Exit(Exit.INCOMPLETE)


def _jobs(names: list[str], models: list[str], places: list[int]) -> Iterator[MatrixJob]:
    """Yield the cells row by row; the guest of a row is booted once."""
    from simulator.campaign.jobs import MatrixJob
    from simulator.machine.engine import Engine
    from simulator.scenario.build import prepare
    from simulator.scenario.matrix import rows, subject

    for name, place in rows(names, places):
        guest = prepare(subject(name, place), Engine())
        for model in models:
            yield MatrixJob(guest, model)


def _write_page(path: Path, found: Sequence[Cell]) -> None:
    """Write the table with a counterexample for each word of a row. Raises TraceError."""
    from simulator.explore.simulate import replay
    from simulator.machine.engine import Engine
    from simulator.report.matrix_page import link_of, matrix_page, to_show
    from simulator.report.result import Result
    from simulator.report.trace_file import write_whole
    from simulator.scenario.matrix import counterexample

    engine, shown = Engine(), {}
    for cell in to_show(found):
        built, verdict = counterexample(cell, engine)
        steps = tuple(replay(built.subject, verdict.schedule))
        name = f"{cell.protocol} at +{cell.placement}: {cell.text}"
        shown[link_of(cell)] = Result(name, "", built, verdict, steps=steps)
    write_whole(path, matrix_page(found, shown).encode())


def _number(text: str) -> int:
    from simulator.errors import ScenarioError

    try:
        value = int(text, 0)
    except ValueError:
        value = -1
    if not 0 <= value < 1 << 16:
        raise ScenarioError(f"placement {text!r}: write numbers from 0 to 65535, as 0,5,62")
    return value
