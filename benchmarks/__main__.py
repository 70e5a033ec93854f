"""Measure what the project promises, in one run: ``python -m benchmarks``.

By default little is measured, in a minute; ``--full`` measures everything, in some twelve minutes on a machine that
does nothing else. ``--from`` draws the table and the chart again from what ``--json`` wrote.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks import chart, figures, machine, searches
from benchmarks.page import page
from benchmarks.results import Results, Row, from_json, to_json
from benchmarks.searches import FULL, Settings
from benchmarks.tables import plain, seconds, tables

SEARCHES = {
    "check": searches.checks, "any": searches.any_number, "spin": searches.against_spin,
    "reductions": searches.reductions, "found": searches.counterexamples,
}  # fmt: skip
PARTS = (*SEARCHES, "figures")

T = TypeVar("T")


def measure(settings: Settings, parts: Iterable[str], command: str, *, suite: bool = False) -> Results:
    """Measure some parts, telling about each search on the error output. What fails is noted, and the rest goes on."""
    started, wanted, about = time.monotonic(), set(parts), machine.describe()
    notes: list[str] = []
    rows = tuple(row for name in SEARCHES if name in wanted for row in _noting(name, _rows(name, settings), notes))
    found = list(figures.of_searches(rows))
    for name, measured in figures.singles(settings.runs).items() if "figures" in wanted else ():
        found += _noting(name, measured, notes)
    found += [figures.suite()] if suite else []
    slow = dict(searches.profiled(row) for row in figures.missed(rows))
    about["measured in"] = f"{(time.monotonic() - started) / 60:.0f} min"
    return Results(command, about, rows, tuple(found), tuple(notes), slow)


def _rows(name: str, settings: Settings) -> Iterator[Row]:
    for row in SEARCHES[name](settings):
        _tell(row)
        yield row


def _noting(name: str, measured: Iterator[T], notes: list[str]) -> Iterator[T]:
    """Yield what could be measured, and note why there is no more."""
    try:
        yield from measured
    except (OSError, RuntimeError, ValueError) as reason:
        notes.append(f"{name}: {reason}")


def _tell(row: Row) -> None:
    cpus = "any" if row.cpus is None else row.cpus
    print(f"{row.section:<8} {row.series:<24} {cpus:>3}  {row.outcome:<22} {row.states:>12,} {seconds(row.whole):>7} s"
          f"  x{row.runs}", file=sys.stderr, flush=True)  # fmt: skip


def write(path: Path, fill: Callable[[Path], object]) -> None:
    """Let ``fill`` write a file, whole or not at all."""
    with tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=".benchmarks") as folder:
        part = Path(folder) / path.name
        fill(part)
        os.replace(part, path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what the project promises.")
    parser.add_argument("--full", action="store_true", help="what the published table has; some twelve minutes")
    parser.add_argument("--cpus", type=int, metavar="N", help="executing CPUs to go up to")
    parser.add_argument("--runs", type=int, metavar="K", help="runs of each search; the median counts")
    parser.add_argument("--limit", type=float, metavar="S", help="time limit of a search with reductions off")
    parser.add_argument("--spin-limit", type=float, metavar="S", help="time limit of ./pan")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part only; may be repeated")
    parser.add_argument("--suite", action="store_true", help="also time the test suite")
    parser.add_argument("--from", type=Path, metavar="FILE", dest="source", help="measure nothing, read this JSON")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the page of the documentation")
    parser.add_argument("--chart", type=Path, metavar="FILE", action="append", default=[],
                        help="draw a chart, by suffix PNG or SVG; may be repeated")  # fmt: skip
    return parser


def _settings(arguments: argparse.Namespace) -> Settings:
    settings = FULL if arguments.full else Settings()
    given = {name: getattr(arguments, name) for name in ("cpus", "runs", "limit", "spin_limit")}
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


def _results(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> Results:
    if arguments.source is not None:
        try:
            return from_json(arguments.source.read_text())
        except (OSError, ValueError) as reason:
            parser.error(f"--from {arguments.source}: {reason}")
    parts = arguments.only or PARTS
    return measure(_settings(arguments), parts, _command(arguments), suite=arguments.suite)


def _command(arguments: argparse.Namespace) -> str:
    """Return what was asked for as a command, without files that only the one who ran it knows."""
    given = {name: getattr(arguments, name) for name in ("cpus", "runs", "limit", "spin_limit", "markdown")}
    words = [f"--{name.replace('_', '-')} {value}" for name, value in given.items() if value is not None]
    words += [f"--only {part}" for part in arguments.only or ()] + [f"--chart {path}" for path in arguments.chart]
    flags = [f"--{name}" for name in ("full", "suite") if getattr(arguments, name)]
    return " ".join(["python -m benchmarks", *flags, *words])


def _check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Refuse now what would fail when everything is measured."""
    for path in arguments.chart:
        if path.suffix not in chart.FORMATS:
            parser.error(f"--chart {path}: the name ends in {' or '.join(chart.FORMATS)}")
    if arguments.chart and not chart.available():
        parser.error("--chart needs matplotlib: pip install 'kgraft-sim[bench]'")
    for path in (*arguments.chart, *filter(None, (arguments.json, arguments.markdown))):
        if not path.absolute().parent.is_dir():
            parser.error(f"{path}: there is no folder {path.parent}")


def main(words: list[str]) -> None:
    """Measure, print, and write what was asked for."""
    parser = _parser()
    arguments = parser.parse_args(words)
    _check(parser, arguments)
    results = _results(parser, arguments)
    if arguments.json is not None:
        write(arguments.json, lambda part: part.write_text(to_json(results)))
    for path in arguments.chart:
        write(path, partial(chart.draw, results))
    if arguments.markdown is not None:
        charts = [Path(os.path.relpath(path, arguments.markdown.parent)).as_posix() for path in arguments.chart]
        write(arguments.markdown, lambda part: part.write_text(page(results, charts[0] if charts else "")))
    for table in tables(results):
        print(plain(table))
    for note in results.notes:
        print(f"not measured: {note}")


if __name__ == "__main__":
    main(sys.argv[1:])
