"""Measure what the project promises, in one run: ``python -m benchmarks``.

By default little is measured, in a minute; ``--full`` measures everything, in some twelve minutes on a machine that
does nothing else. ``--from`` draws the table and the chart again from what ``--json`` wrote.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from benchmarks import chart, figures, machine, searches, spin
from benchmarks.one import Question
from benchmarks.page import page
from benchmarks.results import ANY, CHECK, Figure, Results, Row, from_json, to_json
from benchmarks.searches import FULL, Settings
from benchmarks.tables import plain, seconds, tables

SEARCHES = {
    "check": searches.checks, "any": searches.any_number, "spin": searches.against_spin,
    "reductions": searches.reductions, "found": searches.counterexamples,
}  # fmt: skip
PARTS = (*SEARCHES, "figures")


def measure(settings: Settings, parts: Iterable[str], command: str, *, suite: bool = False) -> Results:
    """Measure some parts, telling about each search on the error output."""
    wanted, notes, rows, about = set(parts), [], [], machine.describe()
    for name, search in SEARCHES.items():
        if name not in wanted:
            continue
        absent = spin.missing() if name == "spin" else ""
        if absent:
            notes.append(f"SPIN: {absent}")
            continue
        for row in search(settings):
            _tell(row)
            rows.append(row)
    found = list(figures.of_searches(tuple(rows)))
    if "figures" in wanted:
        found += [figures.warm_rate(settings.runs), figures.one_schedule(), *figures.native_code(),
                  *figures.start_up(settings.runs)]  # fmt: skip
    found += [figures.suite()] if suite else []
    return Results(command, about, tuple(rows), tuple(found), tuple(notes), profiles(tuple(rows), tuple(found)))


def profiles(rows: tuple[Row, ...], found: tuple[Figure, ...]) -> dict[str, tuple[str, ...]]:
    """Say where the time goes in the longest search, if any figure of a search was missed."""
    missed = [figure for figure in found if figure.met == "no" and figure in set(figures.of_searches(rows))]
    longest = max((row for row in rows if row.section in (CHECK, ANY)), key=lambda row: row.search, default=None)
    if not missed or longest is None:
        return {}
    answer, _ = searches.ask(Question(longest.series, longest.cpus, profile=True))
    return {f"full text_poke, {longest.cpus or 'any number of'} CPUs, {longest.series}": answer.profile}


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


def _results(parser: argparse.ArgumentParser, arguments: argparse.Namespace, words: list[str]) -> Results:
    if arguments.source is not None:
        try:
            return from_json(arguments.source.read_text())
        except (OSError, ValueError) as reason:
            parser.error(f"--from {arguments.source}: {reason}")
    command = shlex.join(["python", "-m", "benchmarks", *words])
    return measure(_settings(arguments), arguments.only or PARTS, command, suite=arguments.suite)


def main(words: list[str]) -> None:
    """Measure, print, and write what was asked for."""
    parser = _parser()
    arguments = parser.parse_args(words)
    for path in arguments.chart:
        if path.suffix not in chart.FORMATS:
            parser.error(f"--chart {path}: the name ends in {' or '.join(chart.FORMATS)}")
    if arguments.chart:
        try:
            import matplotlib  # noqa: F401
        except ImportError:
            parser.error("--chart needs matplotlib: pip install 'kgraft-sim[bench]'")
    results = _results(parser, arguments, words)
    if arguments.json is not None:
        write(arguments.json, lambda part: part.write_text(to_json(results)))
    for path in arguments.chart:
        write(path, lambda part: chart.draw(results, part))
    if arguments.markdown is not None:
        picture = arguments.chart[0].name if arguments.chart else ""
        write(arguments.markdown, lambda part: part.write_text(page(results, picture)))
    for table in tables(results):
        print(plain(table))
    for note in results.notes:
        print(f"not measured: {note}")


if __name__ == "__main__":
    main(sys.argv[1:])
