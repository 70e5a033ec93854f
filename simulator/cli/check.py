"""``kgraft-sim check``: every schedule of scenarios, against what they expect."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli import options, reports


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME|FILE]...", help="Scenarios, by name or as Python files.", show_default=False),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All shipped scenarios.")] = False,
    fetch_model: options.FetchOrAll = None,
    cpus: options.CpusOrAny = None,
    protocol: options.Protocol = None,
    model: options.Model = None,
    data_model: options.DataModel = None,
    no_merge: Annotated[bool, typer.Option("--no-merge", help="A step for every instruction.")] = False,
    no_interrupts: Annotated[
        bool, typer.Option("--no-interrupts", help="Deliver interrupts at every boundary.")
    ] = False,
    no_dead: Annotated[bool, typer.Option("--no-dead", help="Keep what a CPU can no longer look at.")] = False,
    no_ahead: Annotated[bool, typer.Option("--no-ahead", help="Let local steps wait for a visible one.")] = False,
    no_late: Annotated[bool, typer.Option("--no-late", help="Let handlers wait for their first visible step.")] = False,
    no_registers: Annotated[bool, typer.Option("--no-registers", help="Keep what nobody will read.")] = False,
    no_symmetry: Annotated[bool, typer.Option("--no-symmetry", help="Tell equal CPUs apart.")] = False,
    fair: Annotated[
        bool, typer.Option("--fair", help="Also: is done reached on every fair schedule? (docs/semantics.md)")
    ] = False,
    max_states: options.MaxStates = None,
    max_transitions: options.MaxTransitions = None,
    max_seconds: options.MaxSeconds = None,
    max_memory: options.MaxMemory = None,
    jobs: options.Jobs = None,
    dask: options.Dask = None,
    kept: Annotated[
        bool | None,
        typer.Option(
            "--cache/--no-cache", help="Keep proven verdicts in .kgraft (with --all: yes).", show_default=False
        ),
    ] = None,
    trace: options.Trace = None,
    junit: reports.Junit = None,
    sarif: reports.Sarif = None,
    markdown: reports.Markdown = None,
    github: reports.Github = False,
    time: options.Time = False,
    as_json: options.Json = False,
    cc: options.Compiler = None,
) -> None:
    """Check every schedule: SAFE with what that holds for, or the shortest counterexample.

    \b
    kgraft-sim check basic
    kgraft-sim check basic --cpus 2 --fetch-model all
    kgraft-sim check basic --cpus any
    kgraft-sim check --all
    """
    from simulator.campaign.workers import Workers
    from simulator.cli.checking import Wanted, check_all, exit_code, report
    from simulator.cli.tracing import require_one_scenario, write
    from simulator.explore.checker import Limits
    from simulator.explore.reductions import Reductions
    from simulator.scenario.verdict_cache import DEFAULT, VerdictCache

    if trace is not None:
        require_one_scenario(trace, every or len(set(names or ())) > 1)
    count = options.number_or_any(cpus)
    wanted = Wanted(
        tuple(names or ()), every, fetch_model, count, protocol, model, data_model,
        Reductions(not no_merge, not no_interrupts, not no_dead, not no_ahead, not no_late, not no_registers,
                   not no_symmetry),
        Limits(max_states, max_transitions, max_seconds, max_memory), cc, fair, any_number=cpus == options.ANY,
        cache=VerdictCache(DEFAULT if (every if kept is None else kept) else None),
    )  # fmt: skip
    results, ended_by = check_all(wanted, Workers(jobs, dask))
    if results or ended_by is None:
        report(results, time=time, as_json=as_json)
    reports.Reports(junit, sarif, markdown, github).write(results, time=time, as_json=as_json)
    write(trace, results)
    if ended_by is not None:
        raise ended_by
    raise typer.Exit(exit_code(results))
