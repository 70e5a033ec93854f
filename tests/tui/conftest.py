"""Sessions to walk through, and the screen of the program as text."""

import pytest
from textual.pilot import Pilot

from simulator.cli.question import Question, ask
from simulator.cli.stepping import session_of, write_trace
from simulator.cli.walk import Walk
from simulator.explore.checker import check
from simulator.explore.history import Timeline
from simulator.explore.verdict import Verdict
from simulator.machine.engine import Engine
from simulator.scenario.build import Built, build
from simulator.tui.app import Stepper
from simulator.tui.session import Move, Session

TORN = "no-first-sync"
"""Violated in 18 steps; small enough to be looked at in full."""


@pytest.fixture(scope="session")
def question() -> Question:
    return ask(TORN)


@pytest.fixture(scope="session")
def built(question: Question) -> Built:
    return build(question.scenario, Engine())


@pytest.fixture(scope="session")
def verdict(built: Built) -> Verdict:
    return check(built.subject)


@pytest.fixture
def walk(question: Question, built: Built, verdict: Verdict) -> Walk:
    """A walk along the counterexample, at its beginning."""
    return Walk(question, built, Timeline(built.subject, verdict.schedule))


@pytest.fixture
def session(walk: Walk) -> Session:
    found = session_of(walk)
    found.limit = 1_000
    return found


@pytest.fixture
def stepper(walk: Walk, session: Session) -> Stepper:
    return Stepper(session, lambda path: write_trace(walk, path))


def finish(move: Move) -> str:
    """Make a whole move; return where it says it ended."""
    while True:
        try:
            next(move)
        except StopIteration as end:
            return str(end.value)


async def press(pilot: Pilot[bool], *keys: str) -> None:
    """Press keys, and let each do all it does."""
    for key in keys:
        await pilot.press(key)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


def screen(app: Stepper) -> str:
    """Return the screen as a person without colours sees it."""
    rows = app.screen._compositor.render_strips()
    return "\n".join(row.text.rstrip() for row in rows)
