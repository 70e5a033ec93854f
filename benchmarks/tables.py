"""Results as tables: aligned for a terminal, or in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.figures import ratios
from benchmarks.results import ANY, CHECK, FOUND, ONLY, SPIN, WITHOUT, Figure, Results, Row
from benchmarks.searches import COMPARED
from simulator.machine.profiles import PROFILES


class Table(NamedTuple):
    """A heading, column heads, rows of the same length, and a sentence on what they are."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text: str = ""


_SEARCHED = ("CPUs", "states", "transitions", "transitions/s", "MiB", "search s", "verdict s", "whole s", "runs")


def tables(results: Results) -> list[Table]:
    """Return every table of which something was measured."""
    candidates = [
        _figures(results), _searches(results), _any(results), _spin(results), _reductions(results, ONLY),
        _reductions(results, WITHOUT), _ratios(results), _found(results),
    ]  # fmt: skip
    return [table for table in candidates if table.rows]


def _figures(results: Results) -> Table:
    rows = tuple((each.what, amount(each), goal(each), each.met, each.note) for each in results.figures)
    return Table("Figures to reach", ("figure", "measured", "goal", "met", "note"), rows)


def _searches(results: Results) -> Table:
    rows = tuple((row.series, *_searched(row)) for fetch in PROFILES for row in results.of(CHECK, fetch))
    return Table("Full text_poke", ("fetch model", *_SEARCHED), rows, "All properties, all reductions, placement 62.")


def _any(results: Results) -> Table:
    rows = tuple((row.series, row.outcome, *_searched(row)[1:]) for row in results.of(ANY))
    return Table("Any number of CPUs", ("fetch model", "verdict", "views", *_SEARCHED[2:]), rows,
                 "Full text_poke, `--cpus any`.")  # fmt: skip


def _spin(results: Results) -> Table:
    models = results.series(SPIN)
    rows = tuple((model, *_searched(row, verdict=False)) for model in models for row in results.of(SPIN, model))
    heads = ("model", *(head for head in _SEARCHED if head != "verdict s"))
    return Table(
        "SPIN", heads, rows, "Search is `./pan`, whole is `spin -a`, `gcc -O2` and `./pan`; with `>`: not finished."
    )


def _searched(row: Row, *, verdict: bool = True) -> tuple[str, ...]:
    more = "> " if not row.finished else ""
    times = (seconds(row.search), *((seconds(row.verdict),) if verdict else ()), more + seconds(row.whole))
    counts = (f"{more}{row.states:,}", f"{more}{row.transitions:,}", f"{row.rate:,.0f}", f"{row.memory:,.0f}")
    return (str(row.cpus), *counts, *times, str(row.runs))


def _reductions(results: Results, section: str) -> Table:
    most = max((row.cpus or 0 for row in results.of(section)), default=0)
    heads = ("reductions on", *(f"{cpus} CPU{'s' if cpus > 1 else ''}" for cpus in range(1, most + 1)))
    names = {"only": "{} alone", "without": "all but {}"}
    rows = []
    for series in results.series(section):
        cells = {row.cpus: cell(row) for row in results.of(section, series)}
        name = series if series.startswith("no ") else names[section].format(series)
        rows.append((name, *(cells.get(cpus, "") for cpus in range(1, most + 1))))
    everything = {row.cpus: cell(row) for row in results.of(CHECK, COMPARED)}
    if rows:
        rows.append(("all", *(everything.get(cpus, "") for cpus in range(1, most + 1))))
    title = "One reduction alone" if section == ONLY else "All reductions but one"
    return Table(title, heads, tuple(rows), 
                 f"States and seconds to a verdict under {COMPARED}; empty: not begun, since the states grow too fast "
                 "for the time limit. A reduction that builds on others is measured with those.")  # fmt: skip


def _ratios(results: Results) -> Table:
    rows = tuple(
        (str(cpus), seconds(mine.whole), seconds(theirs.whole), theirs.series, f"{ratio:.2f}", f"{mine.states:,}",
         f"{theirs.states:,}", f"{mine.memory:,.0f}", f"{theirs.memory:,.0f}", f"{mine.runs}, {theirs.runs}")
        for cpus, ratio, mine, theirs in ratios(results.rows)
    )  # fmt: skip
    heads = ("CPUs", "s", "SPIN s", "SPIN's model", "ratio", "states", "SPIN's states", "MiB", "SPIN's MiB", "runs")
    text = f"Whole times under {COMPARED}, from starting the command; of SPIN the faster of its two models."
    return Table("Against SPIN", heads, rows, text)


def _found(results: Results) -> Table:
    rows = tuple(
        (row.series, row.outcome.removeprefix("violation:"), row.note, f"{row.states:,}", seconds(row.verdict))
        for row in results.of(FOUND)
    )
    heads = ("protocol", "violates", "fetch model", "states", "verdict s")
    text = "Two CPUs, under the first fetch model that shows a violation; with the steps of the replay."
    return Table("Shortest counterexamples", heads, rows, text)


def cell(row: Row) -> str:
    """Return states and time in short."""
    return f"{row.states:,} / {seconds(row.verdict)}" if row.finished else f"> {row.states:,} / > {row.search:.0f} s"


def seconds(value: float) -> str:
    """Return a time with two digits that mean something."""
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def amount(figure: Figure) -> str:
    """Return a figure with its unit."""
    number = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.2f}"
    return number if figure.unit == "ratio" else f"{number}{'' if figure.unit[0] == '/' else ' '}{figure.unit}"


def goal(figure: Figure) -> str:
    """Return what is to be reached, with its direction."""
    if figure.goal is None:
        return ""
    return f"{'≥' if figure.unit.endswith('/s') else '≤'} {figure.goal:,g}"


def plain(table: Table) -> str:
    """Return a table for a terminal: text to the left, numbers to the right."""
    columns = list(zip(table.heads, *table.rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [_numeric(column[1:]) for column in columns]
    lines = [
        "  ".join(text.rjust(width) if is_right else text.ljust(width)
                  for text, width, is_right in zip(row, widths, right, strict=True)).rstrip()
        for row in (table.heads, *table.rows)
    ]  # fmt: skip
    return "\n".join([table.title, "", *lines, ""])


def markdown(table: Table) -> str:
    """Return a table in Markdown."""
    columns = zip(table.heads, *table.rows, strict=True)
    marks = ["--:" if _numeric(column[1:]) else "---" for column in columns]
    lines = ["| " + " | ".join(row) + " |" for row in (table.heads, marks, *table.rows)]
    return "\n".join([f"## {table.title}", "", *([table.text, ""] if table.text else []), *lines, ""])


def _numeric(texts: Sequence[str]) -> bool:
    return all(text[:1].isdigit() or text[:1] in ("", "≥", "≤", ">") for text in texts)
