"""``kgraft-sim litmus``: litmus tests, as herd7 runs them, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli import options
from simulator.cli.exits import Exit

if TYPE_CHECKING:
    from simulator.campaign.litmus import LitmusJob
    from simulator.litmus import Answer, Litmus


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME|FILE|DIR]...", help="Litmus tests: data and fetch are shipped folders."),
    ] = None,
    fetch_model: options.FetchOrAll = None,
    generate: Annotated[
        int | None, typer.Option("--generate", help="Make so many by random cycles.", metavar="N", min=1)
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Which ones to make.", metavar="S")] = 0,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write what is made to this folder.", metavar="DIR", show_default=False),
    ] = None,
    witness: Annotated[bool, typer.Option("--witness", help="Show a shortest execution that decides.")] = False,
    max_states: Annotated[int | None, typer.Option(metavar="N", min=1, help="Give up at so many states.")] = None,
    jobs: options.Jobs = None,
    as_json: options.Json = False,
) -> None:
    """Run every execution of litmus tests: the final states, whether the condition holds, and a table.

    \b
    kgraft-sim litmus SB
    kgraft-sim litmus MP.RF --fetch-model all --witness
    kgraft-sim litmus data
    kgraft-sim litmus --generate 20 --seed 7
    """
    from simulator.campaign.workers import Workers
    from simulator.cli.gathering import gather
    from simulator.cli.output import show, width
    from simulator.errors import LitmusError
    from simulator.report import documents
    from simulator.report import litmus as report

    tests = [*_found(names or []), *_made(generate, seed, output)]
    if not tests:
        raise LitmusError("run what? give a litmus test, a folder of them (data, fetch), or --generate N")
    models = _models(fetch_model)
    work = [job for test in tests for job in _jobs(test, models, max_states)]
    found, ended_by = gather(work, Workers(jobs), len(work))
    answers = [found[job.key] for job in work if job.key in found]
    if as_json:
        show(documents.dumps(documents.document("litmus", tests=report.documents(answers))))
    else:
        shown = [answer for answer in answers if len(tests) == 1 or answer.litmus.name in _wrong(answers)]
        for name in dict.fromkeys(answer.litmus.name for answer in shown):
            show(_told([answer for answer in shown if answer.litmus.name == name], witness=witness))
        if len(tests) > 1 or len(models) > 1:
            show(report.verdicts(answers, width()))
    if ended_by is not None:
        raise ended_by
    if not all(answer.complete for answer in answers):
        raise typer.Exit(Exit.INCOMPLETE)
    if _wrong(answers):
        raise typer.Exit(Exit.FAILED)


def _found(names: list[str]) -> list[Litmus]:
    from simulator.litmus import collect

    return [entry.litmus for name in dict.fromkeys(names) for entry in collect(name)]


def _made(number: int | None, seed: int, output: Path | None) -> list[Litmus]:
    """Return the tests that are to be made, written to a folder where one is given."""
    if number is None:
        return []
    from simulator.litmus.catalogue import SUFFIX
    from simulator.litmus.generate import generate

    made = generate(number, seed)
    for cycle, litmus in made if output is not None else ():
        assert output is not None
        _write(output / f"{litmus.name}{SUFFIX}", cycle.text(litmus.name))
    return [litmus for _, litmus in made]


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    import os

    from simulator.errors import LitmusError

    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as problem:
        raise LitmusError(f"{path} cannot be written: {problem.strerror}") from None


def _models(fetch: str | None) -> list[str]:
    from simulator.machine.profiles import PROFILES, profile

    return [*PROFILES] if fetch == "all" else [profile(fetch or "zen3").name]


def _jobs(litmus: Litmus, models: list[str], limit: int | None) -> list[LitmusJob]:
    from simulator.campaign.litmus import LitmusJob
    from simulator.litmus.outcomes import LIMIT

    return [LitmusJob(litmus, model, limit or LIMIT) for model in models]


def _wrong(answers: list[Answer]) -> set[str]:
    return {answer.litmus.name for answer in answers if not answer.passed}


def _told(answers: list[Answer], *, witness: bool) -> str:
    """Return all that is known of one test."""
    from simulator.cli.output import width
    from simulator.litmus.build import build
    from simulator.machine.engine import Engine
    from simulator.report import litmus as report

    parts = [report.herd(answers, width()), report.about(answers[0].litmus, width())]
    decided = [answer for answer in answers if answer.schedule]
    if witness and decided:
        shortest = min(decided, key=lambda each: (each.undefined, len(each.schedule)))
        built = build(shortest.litmus, shortest.profile, Engine())
        parts.append(f"A shortest one under {shortest.profile}:\n{report.trace(built, shortest.schedule)}")
    return "\n\n".join(part for part in parts if part) + "\n"
