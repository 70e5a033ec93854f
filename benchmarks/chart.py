"""A chart of time and states over the number of CPUs. Needs matplotlib, the extra ``bench``."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.results import ANY, CHECK, ONLY, SPIN, WITHOUT, Results, Row
from benchmarks.searches import COMPARED, NONE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg")

_BLUE, _BLACK, _GREY = "#0072b2", "#000000", "#888888"
_COLOURS = ("#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#8c6d31", "#666666")
"""Okabe and Ito's colours, which most people can tell apart, a brown for the yellow that paper swallows, and a grey."""
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def available() -> bool:
    """Say whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


class Line(NamedTuple):
    """One line of a panel."""

    label: str
    rows: tuple[Row, ...]
    colour: str
    marker: str
    style: str = "-"
    width: float = 1.4


def panels(results: Results) -> list[tuple[str, list[Line]]]:
    """Return the lines of each row of panels, those without a single row left out."""
    ours = [
        Line("all reductions", results.of(CHECK, COMPARED), _BLUE, "o", width=2.6),
        Line("any number of CPUs", results.of(ANY, COMPARED), _BLUE, "", ":", 2.0),
    ]
    none = Line("no reduction", results.of(ONLY, NONE), _BLACK, "x", "--", 1.8)
    alone = [
        _coloured(number, f"{name} alone", results.of(ONLY, name))
        for number, name in enumerate(name for name in results.series(ONLY) if name != NONE)
    ]
    but_one = [
        _coloured(number, f"all but {name}", results.of(WITHOUT, name))
        for number, name in enumerate(results.series(WITHOUT))
    ]
    theirs = [_against(name, results.of(SPIN, name), number) for number, name in enumerate(results.series(SPIN))]
    rows = [
        ("Each reduction alone", [none, *alone, *ours]), ("All reductions but one", [none, *but_one, *ours]),
        ("Against SPIN", [*theirs, *ours]),
    ]  # fmt: skip
    return [(title, [line for line in lines if line.rows]) for title, lines in rows]


def _coloured(number: int, label: str, rows: tuple[Row, ...]) -> Line:
    return Line(label, rows, _COLOURS[number % len(_COLOURS)], _MARKERS[number % len(_MARKERS)])


def _against(name: str, rows: tuple[Row, ...], number: int) -> Line:
    unreduced = name.endswith("no reduction")
    colour = "#d55e00" if name.startswith("plain") else "#009e73"
    return Line(f"SPIN {name}", rows, colour, _MARKERS[number % len(_MARKERS)], "--" if unreduced else "-", 1.6)


def draw(results: Results, path: Path) -> None:
    """Write the chart; the suffix says as what. Raises ImportError without matplotlib."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    settings: dict[Any, Any] = {
        "svg.hashsalt": "kgraft-sim",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with matplotlib.rc_context(settings):
        rows = panels(results)
        figure, axes = pyplot.subplots(
            len(rows), 2, figsize=(11, 3.6 * len(rows)), squeeze=False, sharex=True, sharey="col"
        )
        for (title, lines), (left, right) in zip(rows, axes, strict=True):
            _panel(left, lines, lambda row: row.whole, f"{title}: whole time", "seconds")
            _panel(right, lines, lambda row: row.states, f"{title}: states", "states stored")
            right.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)
        _finish(figure, list(axes[-1]), results)
        metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
        figure.savefig(path, dpi=150, bbox_inches="tight", metadata=metadata)
        pyplot.close(figure)


def _panel(axes: Axes, lines: list[Line], value: Callable[[Row], float], title: str, unit: str) -> None:
    from matplotlib.ticker import LogLocator

    axes.set_yscale("log")
    axes.set_title(title, loc="left", fontweight="bold", fontsize=10)
    axes.set_ylabel(unit)
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.tick_params(labelbottom=True)
    axes.yaxis.set_major_formatter(lambda number, _: f"{number:,g}" if number < 1e6 else f"{number / 1e6:,g} M")
    axes.yaxis.set_minor_formatter("")
    if unit == "seconds":  # too few decades for powers of ten alone
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    for line in lines:
        _line(axes, line, value)


def _line(axes: Axes, line: Line, value: Callable[[Row], float]) -> None:
    looks: dict[str, Any] = {
        "color": line.colour,
        "linestyle": line.style,
        "linewidth": line.width,
        "label": line.label,
    }
    points = [(row.cpus, value(row), row.finished) for row in line.rows if row.cpus is not None]
    if not points:
        axes.axhline(value(line.rows[0]), **looks)
        return
    axes.plot([x for x, _, _ in points], [y for _, y, _ in points], marker=line.marker, markersize=5, **looks)
    for x, y, finished in points:
        if not finished:  # it would have gone on upwards
            axes.annotate(
                "", (x, y), (0, 20), textcoords="offset points", annotation_clip=False,
                arrowprops={"arrowstyle": "<-", "color": line.colour, "linewidth": 1.4},
            )  # fmt: skip


def _finish(figure: Figure, bottom: list[Axes], results: Results) -> None:
    most = max((row.cpus or 1 for row in results.rows), default=1)
    for axes in bottom:
        axes.set_xlabel("executing CPUs beside the patcher")
        axes.set_xticks(range(1, most + 1))
        axes.set_ylim(top=2 * axes.get_ylim()[1])  # for the arrows
    figure.tight_layout()
    about = f"Full text_poke, all properties, {COMPARED}. An arrow: stopped by the time limit, not finished."
    figure.text(0.01, 1.0, about, ha="left", va="bottom", color=_GREY, fontsize=9)
