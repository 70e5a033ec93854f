"""``kgraft-sim matrix``: protocols against fetch models and placements, each cell an exhaustive check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli import options
from simulator.cli.exits import Exit

if TYPE_CHECKING:
    from simulator.scenario.matrix import Cell


def command(
    protocols: Annotated[
        str | None, typer.Option("--protocols", help="Comma-separated names; all by default.", metavar="A,B")
    ] = None,
    profiles: Annotated[
        str | None, typer.Option("--profiles", help="Comma-separated fetch models; all by default.", metavar="A,B")
    ] = None,
    placements: Annotated[
        str, typer.Option("--placements", help="Addresses of the site modulo 64 KiB.", metavar="N,N")
    ] = "0,5,63,62,60",
    as_json: options.Json = False,
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
    """
    from simulator.cli.output import show, width
    from simulator.machine.profiles import PROFILES, profile
    from simulator.patching.protocols import PROTOCOLS, protocol
    from simulator.report import cells, documents

    names = [protocol(name).name for name in _split(protocols)] or [*PROTOCOLS]
    models = [profile(name).name for name in _split(profiles)] or [*PROFILES]
    found = _compute(names, models, [_number(text) for text in _split(placements)])
    if as_json:
        show(documents.dumps(documents.document("matrix", cells=documents.matrix(found))))
    else:
        show(cells.cells(found, width()))
    if any(cell.text == "?" for cell in found):
        raise typer.Exit(Exit.INCOMPLETE)


def _compute(names: list[str], models: list[str], places: list[int]) -> list[Cell]:
    from simulator.cli.progress import progress
    from simulator.machine.engine import Engine
    from simulator.scenario.matrix import row, rows

    engine = Engine()
    found: list[Cell] = []
    wanted = [*rows(names, places)]
    for number, (name, place) in enumerate(wanted, 1):
        with progress(f"{number} of {len(wanted)}, {name} +{place}") as line:
            found += row(name, place, models, engine=engine, progress=line)
    return found


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _number(text: str) -> int:
    from simulator.errors import ScenarioError

    try:
        value = int(text, 0)
    except ValueError:
        value = -1
    if not 0 <= value < 1 << 16:
        raise ScenarioError(f"placement {text!r}: write numbers from 0 to 65535, as 0,5,62")
    return value
