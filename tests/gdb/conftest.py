"""A server in a thread of this process, and histories to serve."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest

from simulator.cli.question import ask
from simulator.cli.walk import Walk
from simulator.explore.checker import check
from simulator.explore.history import Timeline
from simulator.explore.schedulers.base import usual
from simulator.gdb.files import write_commands, write_executable
from simulator.gdb.server import LOOPBACK, Debuggee, Server
from simulator.machine.choice import Choice
from simulator.machine.engine import Engine
from simulator.report.words import Narrator
from simulator.scenario.build import Built, build
from tests.gdb.client import Client

TORN = "no-first-sync"
PATCHED = "two-cpus"


@cache
def built(name: str) -> Built:
    return build(ask(name).scenario, Engine())


@cache
def counterexample(name: str) -> tuple[Choice, ...]:
    return check(built(name).subject).schedule


@cache
def into_the_handler() -> tuple[Choice, ...]:
    """Return choices after which vCPU0 is in its #BP handler while the patcher is in its third step."""
    timeline = Timeline(built(PATCHED).subject)
    patcher, third = 2, built(PATCHED).routine.pieces[2]  # type: ignore[union-attr]
    handler = built(PATCHED).image.address("int3_emulate")
    while timeline.state.vcpus[patcher].rip != third.start or timeline.state.vcpus[patcher].stores:
        timeline.take(_usual(timeline, patcher))
    for _ in range(200):
        timeline.take(_usual(timeline, 0))
        if timeline.state.vcpus[0].rip == handler:
            break
    return timeline.choices()


def _usual(timeline: Timeline, cpu: int) -> Choice:
    return usual([choice for choice in timeline.enabled() if choice.cpu == cpu])


class Served:
    """A history that is being served, and how to get at it."""

    def __init__(self, walk: Walk, server: Server, folder: Path) -> None:
        self.walk, self.port, self._folder = walk, server.port, folder
        self.timeline = walk.timeline

    def client(self) -> Client:
        return Client(self.port)

    def commands(self) -> Path:
        """Return the file of commands that gdb begins with."""
        return write_commands(self.walk.built, self._folder, f"{LOOPBACK}:{self.port}")


def served(name: str, schedule: tuple[Choice, ...], folder: Path) -> AbstractContextManager[Served]:
    return serving(Walk(ask(name), built(name), Timeline(built(name).subject, schedule)), folder)


@contextmanager
def serving(walk: Walk, folder: Path) -> Iterator[Served]:
    executable = write_executable(walk.built, folder)
    server = Server(Debuggee(Narrator(walk.built), walk.timeline, walk.replay, str(executable)))
    ended = threading.Event()
    thread = threading.Thread(target=server.serve, args=(lambda: not ended.is_set(),))
    thread.start()
    try:
        yield Served(walk, server, folder)
    finally:
        ended.set()
        thread.join()
        server.close()


Serve = Callable[..., Served]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serve a scenario, along a schedule if there is one."""
    with ExitStack() as stack:
        yield lambda name=PATCHED, schedule=(): stack.enter_context(served(name, schedule, tmp_path))


@pytest.fixture
def client(serve: Serve) -> Iterator[Client]:
    """A client at the beginning of two CPUs that are patched by text_poke."""
    client = serve().client()
    yield client
    client.close()
