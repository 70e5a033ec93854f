"""A walk on the screen: what ``step`` hands to the terminal program."""

from __future__ import annotations

from pathlib import Path

from simulator.cli.walk import Walk
from simulator.report.trace_file import save
from simulator.report.words import Narrator
from simulator.tui.app import step
from simulator.tui.session import Session


def session_of(walk: Walk) -> Session:
    """Return a walk as the terminal program moves in it."""
    return Session(walk.question.entry.name, Narrator(walk.built), walk.timeline, walk.replay, walk.ending())


def step_through(walk: Walk) -> bool:
    """Show a walk until somebody quits; return whether that was by Ctrl-C."""
    return step(session_of(walk), lambda path: write_trace(walk, path))


def write_trace(walk: Walk, path: Path) -> str:
    """Write the execution up to here, by suffix; say what was done. Raises TraceError."""
    return save(path, [walk.result()]) or f"wrote the {walk.timeline.position} steps up to here to {path}"
