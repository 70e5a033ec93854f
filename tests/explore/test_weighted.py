"""The weighted scheduler: when the window is open, who is in a hurry, and that nobody is left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from simulator.explore.properties import Watch
from simulator.explore.schedulers.weighted import Weighted, is_open
from simulator.machine.choice import Choice, Kind
from simulator.machine.engine import Engine
from simulator.machine.memory import write_cells
from simulator.machine.state import State
from simulator.machine.vcpu import Chunk
from simulator.scenario import Scenario
from simulator.scenario.build import build

SUBJECT = build(Scenario(placement=0, cpus=2), Engine()).subject
WATCH, CLOSED = SUBJECT.watch, SUBJECT.initial
SITE = WATCH.sites[0]
EXECUTE = [Choice(cpu, Kind.EXECUTE) for cpu in range(3)]


def written(data: bytes) -> State:
    return replace(CLOSED, memory=write_cells(WATCH.boot, CLOSED.memory, SITE.address, data))


def standing(state: State, cpu: int, address: int) -> State:
    vcpus = [vcpu._replace(rip=address) if vcpu.number == cpu else vcpu for vcpu in state.vcpus]
    return replace(state, vcpus=tuple(vcpus))


def shares(state: State, enabled: list[Choice], watch: Watch | None = WATCH) -> Counter[Choice]:
    """How often each choice is taken, over many seeds."""
    return Counter(Weighted(seed, watch).choose(0, enabled, state) for seed in range(2_000))


OPEN = written(b"\xcc")


@pytest.mark.parametrize("data", SITE.versions)
def test_the_window_is_closed_while_the_site_holds_a_whole_version(data: bytes) -> None:
    assert not is_open(WATCH, written(data))


def test_the_window_is_open_while_the_site_holds_anything_else() -> None:
    assert is_open(WATCH, OPEN)


def test_the_window_is_open_while_a_store_to_the_site_waits() -> None:
    patcher = CLOSED.vcpus[2]._replace(stores=((Chunk(SITE.address, b"\xcc", True),),))
    assert is_open(WATCH, replace(CLOSED, vcpus=(*CLOSED.vcpus[:2], patcher)))


def test_who_stands_at_the_site_is_in_a_hurry_while_the_window_is_open() -> None:
    taken = shares(standing(OPEN, 0, SITE.address), EXECUTE)
    assert taken[EXECUTE[0]] > 2 * taken[EXECUTE[1]]


def test_who_stands_at_the_site_waits_for_the_window_to_open() -> None:
    taken = shares(standing(CLOSED, 0, SITE.address), EXECUTE)
    assert 2 * taken[EXECUTE[0]] < taken[EXECUTE[1]]


def test_interrupts_come_early_while_the_window_is_open() -> None:
    interrupt = Choice(0, Kind.INTERRUPT)
    taken = shares(OPEN, [EXECUTE[0], interrupt])
    assert taken[interrupt] > 4 * taken[EXECUTE[0]]


def test_interrupts_come_as_they_may_while_it_is_closed() -> None:
    interrupt = Choice(0, Kind.INTERRUPT)
    taken = shares(CLOSED, [EXECUTE[0], interrupt])
    assert 0.8 < taken[interrupt] / taken[EXECUTE[0]] < 1.25


@pytest.mark.parametrize("state", [OPEN, CLOSED], ids=["open", "closed"])
def test_nobody_is_left_out(state: State) -> None:
    assert set(shares(standing(state, 0, SITE.address), EXECUTE)) == {*EXECUTE}


def test_with_nothing_to_watch_all_are_alike() -> None:
    taken = shares(OPEN, EXECUTE, None)
    assert max(taken.values()) < 1.5 * min(taken.values())


def test_a_vcpu_can_be_left_behind_for_long() -> None:
    """Uniform choices leave one of three behind for 100 steps once in 10 ** 17 times."""
    waits = []
    for seed in range(50):
        chooser = Weighted(seed, None)
        order = [chooser.choose(step, EXECUTE, CLOSED).cpu for step in range(400)]
        waits.append(max(len(run) for run in "".join("x" if cpu else " " for cpu in order).split()))
    assert max(waits) > 100
