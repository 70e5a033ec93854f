"""SPIN on models of the same protocol: ``spin -a``, ``gcc -O2``, ``./pan``, and what pan prints."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks.process import Ended, run
from benchmarks.results import NOT_FINISHED, SPIN, Row

MODEL = Path(__file__).with_name("text_poke.pml")

SAME_FETCH = "-DFIRST=2"
"""The site as fetch model stale8 sees it with placement 62: two bytes in one granule, three in the next."""

_STATES = re.compile(r"^\s*([\d.e+]+) states, stored", re.MULTILINE)
_TRANSITIONS = re.compile(r"^\s*([\d.e+]+) transitions", re.MULTILINE)
_MEMORY = re.compile(r"^\s*([\d.]+)\s+total actual memory usage", re.MULTILINE)
_ERRORS = re.compile(r"errors: (\d+)")


class Model(NamedTuple):
    """A way of writing and searching the protocol."""

    name: str
    site_only: bool
    """Interrupts come only in front of the site: what a person who rewrites the model does."""
    reduced: bool
    """With partial order reduction, SPIN's default."""


MODELS = (
    Model("plain", False, True),
    Model("site only", True, True),
    Model("plain, no reduction", False, False),
    Model("site only, no reduction", True, False),
)


class Found(NamedTuple):
    """What pan says at its end."""

    states: int
    transitions: int
    memory: float
    """MiB, which pan calls megabytes."""
    errors: int
    complete: bool
    """Nothing was cut off: neither by the depth limit nor by a signal."""


class Unreadable(ValueError):
    """Pan did not print what it prints at its end."""


def missing() -> str:
    """Return why SPIN cannot be run here; empty if it can."""
    absent = [program for program in ("spin", "gcc") if shutil.which(program) is None]
    return f"{' and '.join(absent)} not found (Debian: apt-get install spin gcc)" if absent else ""


def parse(output: str) -> Found:
    """Read what pan printed. Raises Unreadable if it did not come to its statistics."""
    states, transitions = _STATES.search(output), _TRANSITIONS.search(output)
    memory, errors = _MEMORY.search(output), _ERRORS.search(output)
    if states is None or transitions is None or errors is None:
        raise Unreadable(f"pan printed no statistics: {output.strip()[-300:] or 'nothing'}")
    cut = "max search depth too small" in output or "Search not completed" in output or "memory exhausted" in output
    return Found(
        round(float(states[1])), round(float(transitions[1])), float(memory[1]) if memory else 0.0,
        int(errors[1]), not cut,
    )  # fmt: skip


def measure(model: Model, limit: float | None, cpus: int, *options: str) -> Row:
    """Go from the model's text to a verdict once. ``limit`` is pan's, in seconds; ``options`` go to spin.

    Raises Unreadable if one of the programs fails.
    """
    texts = [f"-DN={cpus}", SAME_FETCH, *(["-DSITE_ONLY"] if model.site_only else []), *options]
    reduce = [] if model.reduced else ["-DNOREDUCE"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        steps = [
            _done(run(["spin", *texts, "-a", str(MODEL)], folder)),
            _done(run(["gcc", "-O2", "-DSAFETY", *reduce, "-o", "pan", "pan.c"], folder)),
            run(["./pan", "-m500000", "-w22"], folder, limit),
        ]
    search, whole = steps[-1].seconds, sum(step.seconds for step in steps)
    try:
        found = parse(steps[-1].output)
    except Unreadable:
        if not steps[-1].interrupted:
            raise
        found = Found(0, 0, 0.0, 0, False)
    outcome = "violation" if found.errors else "safe" if found.complete else NOT_FINISHED
    return Row(SPIN, model.name, cpus, outcome, found.states, found.transitions, search, whole, whole, found.memory)


def _done(ended: Ended) -> Ended:
    if ended.code:
        raise Unreadable(ended.output.strip()[-300:])
    return ended
