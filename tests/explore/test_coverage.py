"""Which points a transition covers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from simulator.explore.coverage import Atlas, Point, is_visible, version_name
from simulator.explore.properties import WatchedSite
from simulator.explore.schedulers import scheduler
from simulator.explore.simulate import TraceStep, run
from simulator.machine.choice import Choice, Kind
from simulator.machine.engine import Engine
from simulator.machine.events import Committed, Executed, Loaded
from simulator.scenario import Scenario
from simulator.scenario.build import Built, build

OLD, MIDDLE, NEW = b"\x0f\x1f\x44\x00\x00", b"\xe9\x01\x02\x03\x04", b"\xe9\x11\x12\x13\x14"
SITE = WatchedSite("f", 0x1000, 5, (OLD, MIDDLE, NEW), (b"\xeb\xfe",))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (OLD, "old"),
        (MIDDLE, "new1"),
        (NEW, "new"),
        (b"\xcc" + OLD[1:], "int3 over old"),
        (b"\xcc" + NEW[1:], "int3 over new"),
        (b"\xcc" + OLD[1:3] + NEW[3:], "int3 over mixed"),
        (b"\xeb\xfe" + OLD[2:], "self"),
        (OLD[:2] + NEW[2:], "mixed"),
    ],
)
def test_a_site_is_named_after_what_it_holds(content: bytes, name: str) -> None:
    assert version_name(SITE, content) == name


def test_a_local_step_is_not_visible() -> None:
    assert not is_visible((Executed(0, 0x1000, b"\x90"),))


def test_a_load_of_shared_memory_is_visible() -> None:
    assert is_visible((Executed(0, 0x1000, b"\x8b\x07"), Loaded(0, 0x2000, bytes(4))))


def test_a_fetch_from_mutable_text_is_visible() -> None:
    assert is_visible((Executed(0, 0x1000, b"\xcc", mutable=True),))


@cache
def ready() -> Built:
    return build(Scenario(placement=62), Engine())


@cache
def steps() -> tuple[TraceStep, ...]:
    subject = ready().subject
    found: list[TraceStep] = []
    for seed in range(8):
        found += run(subject, scheduler("weighted", seed, 2, subject.watch), 5_000, 100)
    return tuple(found)


def atlas() -> Atlas:
    built = ready()
    assert built.routine is not None
    return Atlas(built.image.symbols, built.routine.pieces, built.subject.watch)


def points() -> Iterator[Point]:
    names = atlas()
    return (point for point in map(names.point, steps()) if point is not None)


def test_the_patcher_s_own_steps_cover_nothing() -> None:
    names = atlas()
    assert {names.point(step) for step in steps() if step.choice.cpu == 1} == {None}


def test_the_site_is_met_with_each_version_that_it_goes_through() -> None:
    met = {point.version for point in points() if point.location == "answer+0x0"}
    assert met >= {"old", "int3 over old", "new"}


def test_each_step_of_the_protocol_is_met() -> None:
    routine = ready().routine
    assert routine is not None
    met = {point.step for point in points()}
    assert {piece.name for piece in routine.pieces if "store" in piece.name or "sync" in piece.name} <= met


def test_an_interrupt_is_met_where_it_comes() -> None:
    assert any(point.location.startswith("interrupt at workload_caller+") for point in points())


def test_a_store_is_met_when_it_becomes_visible() -> None:
    armed = ready().image.address("poke_armed")
    step = replace(steps()[0], choice=Choice(0, Kind.COMMIT), events=(Committed(0, armed, bytes(4)),))
    assert atlas().point(step) == Point("poke_armed+0x0 visible", "startup_64", "old")
