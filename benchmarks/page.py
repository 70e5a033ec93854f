"""The page of the documentation that shows the last results."""

from __future__ import annotations

from benchmarks.results import Results
from benchmarks.tables import markdown, tables

_HEAD = """# Benchmarks

The last results, written by the command that measured them:

```sh
{command}
```

Times are wall-clock medians of the runs named. Every search runs in a process of its own, on one core, with nothing
remembered. *Search* is the breadth-first search alone; *verdict* adds loading, linking and booting the guest; *whole*
is from starting the command to its end, Python and imports included. All times stand for the machine they were measured
on, the ratios for two times of the same run.

SPIN checks `benchmarks/text_poke.pml`, a model of the same protocol with the same granules of fetch: eight instructions
to a round, and an interrupt that may come at each of them (*plain*), or only in front of the site (*site only*, what a
person who rewrites the model does). It has no stack, no store buffers and no handlers in machine code, so one of its
states is not one of ours. Both are run in turn. A search that met its time limit is *not finished* (`>`), with the
states that it had stored by then; a search that would not finish, as the time of the one before it and the growth of
the states say, is not begun.
"""


_TIME = """## Where the time goes

Of the searches that missed what they were to reach: each function's own time, under a profiler.
"""


def page(results: Results, chart: str = "") -> str:
    """Return the page; ``chart`` is the name of a picture beside it."""
    parts = [_HEAD.format(command=results.command)]
    parts.append(
        "| machine | |\n|---|---|\n"
        + "\n".join(f"| {name} | {value} |" for name, value in results.machine.items())
        + "\n"
    )
    if chart:
        parts.append(f"![Time and states over the number of CPUs]({chart})\n")
    parts.extend(markdown(table) for table in tables(results))
    if results.profiles:
        parts.append(
            "## Where the time goes\n\nOf the searches that missed what they were to reach: each function's own time.\n"
        )
        parts.extend(f"{name}:\n\n" + "\n".join(f"* {line}" for line in lines) + "\n"
                     for name, lines in results.profiles.items())  # fmt: skip
    if results.notes:
        parts.append("## Not measured\n\n" + "\n".join(f"* {note}" for note in results.notes) + "\n")
    return "\n".join(parts)
