"""Rows and results as a run of the benchmarks would have them."""

from __future__ import annotations

from benchmarks.results import ANY, CHECK, FOUND, NOT_FINISHED, ONLY, SPIN, WITHOUT, Figure, Results, Row


def row(section: str = CHECK, series: str = "stale8", cpus: int | None = 1, outcome: str = "safe", *,
        states: int = 83, search: float = 0.1, whole: float = 0.4, runs: int = 1, note: str = "") -> Row:  # fmt: skip
    return Row(section, series, cpus, outcome, states, 2 * states, search, 2 * search, whole, 51.5, runs, note)


def results() -> Results:
    rows = (
        row(), row(cpus=2, states=340, search=0.2), row(series="coherent", states=59),
        row(ANY, cpus=None), row(ONLY, "no reduction", states=63_380, search=2.0),
        row(ONLY, "no reduction", 2, NOT_FINISHED, states=1_000_000, search=12.0),
        row(ONLY, "merge", states=3_883), row(WITHOUT, "dead"),
        row(SPIN, "plain", states=203, whole=1.6), row(SPIN, "site only", states=149, whole=1.5),
        row(SPIN, "plain, no reduction", states=203, whole=1.2), row(FOUND, "arm-late", 2, "violation:traps"),
    )  # fmt: skip
    figures = (Figure("kgraft-sim --help", 0.25, "s", 0.3), Figure("burst", 2e7, "/s", 1e7))
    return Results("python -m benchmarks", {"cores": "2"}, rows, figures, ("SPIN: not found",), {"a search": ("9% f",)})
