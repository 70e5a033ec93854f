"""``kgraft-sim minimize``: which steps of a protocol can go, and what would make an unsafe one safe."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli import options
from simulator.cli.exits import Exit


def command(
    name: options.Name,
    profiles: options.Profiles = None,
    cpus: options.Cpus = None,
    protocol: options.Protocol = None,
    in_order: Annotated[bool, typer.Option("--in-order", help="Only leave steps out, keep their order.")] = False,
    max_seconds: Annotated[
        float | None, typer.Option(metavar="S", min=0, help="Stop each check after so long.")
    ] = None,
    jobs: options.Jobs = None,
    dask: options.Dask = None,
    kept: Annotated[bool, typer.Option("--cache/--no-cache", help="Keep proven verdicts in .kgraft.")] = True,
    as_json: options.Json = False,
    cc: options.Compiler = None,
) -> None:
    """Check every subset and order of a protocol's steps: which can go, under which fetch models?

    Where the protocol is not safe, the nearest ones that are: a step dropped, two swapped, a sync put in.

    \b
    kgraft-sim minimize no-middle-sync --protocol text-poke
    kgraft-sim minimize no-sync --profiles line64,qword8 --in-order
    """
    from simulator.campaign.workers import Workers
    from simulator.cli.cases import Search
    from simulator.cli.minimizing import Bench, minimized
    from simulator.cli.output import show, width
    from simulator.cli.question import ask
    from simulator.explore.checker import Limits
    from simulator.machine.engine import Engine
    from simulator.machine.profiles import PROFILES, profile
    from simulator.report import documents
    from simulator.report.header import header
    from simulator.report.minimal import content, minimal
    from simulator.report.minimal import models as letters
    from simulator.scenario.build import configure, prepare
    from simulator.scenario.minimize import in_order as smallest_first
    from simulator.scenario.minimize import require_steps
    from simulator.scenario.verdict_cache import DEFAULT, VerdictCache

    models = smallest_first([profile(each).name for each in options.listed(profiles)] or PROFILES)
    question = ask(name, cpus=cpus, protocol=protocol)
    require_steps(name, question.scenario)
    limits, cache = Limits(seconds=max_seconds), VerdictCache(DEFAULT if kept else None)
    search = Search(limits=limits, compiler=cc, cache=cache)
    guest = prepare(question.scenario, engine := Engine(), compiler=cc)
    found = minimized(Bench(question, models, search, Workers(jobs, dask)), guest, in_order=in_order)
    built = configure(guest, models[0], engine)
    if as_json:
        about = documents.about(question.entry.name, question.entry.title, built)
        show(documents.dumps(documents.document("minimize", **about, **content(found))))
    else:
        head = header(question.entry.name, question.entry.title, built, width(), fetch=letters(models))
        show(f"{head}\n\n{minimal(found, width())}")
    if found.unfinished:
        raise typer.Exit(Exit.INCOMPLETE)
