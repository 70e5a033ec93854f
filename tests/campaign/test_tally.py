"""The figures of a campaign do not depend on the order in which its batches came in."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.campaign.jobs import Batch, Ends, Met
from simulator.campaign.tally import BATCH, Tally
from simulator.explore.coverage import Point


def point(name: int) -> Point:
    return Point(f"place+{name:#x}", "1. arm", "old")


def batch(first: int, news: dict[int, int], met: tuple[Met, ...] = (), count: int = BATCH) -> Batch:
    """A batch in which schedule ``news[n]`` was the first to meet point n."""
    return Batch(first, count, 10 * count, Ends(settled=count), tuple((point(n), at) for n, at in news.items()), met)


def tally(*batches: Batch) -> Tally:
    found = Tally()
    for each in batches:
        found.add(each)
    return found


def test_the_first_schedule_that_met_a_point_counts() -> None:
    found = tally(batch(BATCH, {1: 70}), batch(0, {1: 20}))
    assert found.summary(None, "").points == ((point(1), 20),)


def test_the_same_batch_again_changes_nothing() -> None:
    once, twice = tally(batch(0, {1: 3})), tally(batch(0, {1: 3}), batch(0, {1: 3}))
    assert once == twice


def test_the_first_violation_of_each_kind_and_site_counts() -> None:
    late, early = Met("integrity", "torn", "answer", 90, "0x"), Met("integrity", "torn", "answer", 5, "1x")
    other = Met("traps", "unclaimed-int3", "die_int3", 7, "0x")
    found = tally(batch(BATCH, {}, (late,)), batch(0, {}, (early, other)))
    assert found.summary(None, "").violations == (early, other)


def test_coverage_is_flat_after_so_many_schedules_that_met_nothing_new() -> None:
    found = tally(batch(0, {1: 30}), batch(50, {}), batch(100, {}), batch(150, {}))
    assert found.flat_at(100) == 150, "31 + 100, at the end of a batch"


def test_coverage_is_not_flat_while_something_new_comes_often_enough() -> None:
    assert tally(batch(0, {1: 30}), batch(50, {2: 60}), batch(100, {3: 120})).flat_at(100) is None


def test_coverage_is_not_flat_across_a_batch_that_is_missing() -> None:
    assert tally(batch(0, {1: 30}), batch(100, {}), batch(150, {})).flat_at(100) is None


def test_what_came_after_the_end_is_left_out() -> None:
    found = tally(batch(0, {1: 30}), batch(50, {2: 60}))
    summary = found.summary(BATCH, "")
    assert (summary.schedules, summary.transitions, len(summary.points)) == (BATCH, 10 * BATCH, 1)


def test_batches_that_are_missing_are_those_that_are_not_done() -> None:
    found = tally(batch(50, {}))
    assert [*found.missing(170)] == [(0, 50), (100, 50), (150, 20)]


def test_a_batch_that_was_cut_short_is_gone_on_with() -> None:
    assert [*tally(batch(0, {}, count=20)).missing(100)] == [(20, 30), (50, 50)]


def test_batches_never_end_without_a_limit() -> None:
    missing = tally().missing(None)
    assert [next(missing) for _ in range(3)] == [(0, 50), (50, 50), (100, 50)]


NEWS = st.lists(st.dictionaries(st.integers(0, 9), st.integers(0, BATCH - 1), max_size=4), min_size=1, max_size=8)


@given(NEWS, st.randoms(use_true_random=False), st.integers(1, 200))
def test_the_order_of_batches_makes_no_difference(
    news: list[dict[int, int]], order: random.Random, patience: int
) -> None:
    batches = [
        batch(number * BATCH, {n: number * BATCH + at for n, at in each.items()}) for number, each in enumerate(news)
    ]
    shuffled = order.sample(batches, len(batches))
    one, other = tally(*batches), tally(*shuffled)
    assert (one.flat_at(patience), one.summary(None, "")) == (other.flat_at(patience), other.summary(None, ""))


@given(NEWS, st.integers(1, 200))
def test_more_batches_do_not_change_when_coverage_was_flat(news: list[dict[int, int]], patience: int) -> None:
    """A campaign that stops as soon as it is flat, and one whose workers were ahead, stop at the same schedule."""
    found, flat = Tally(), None
    for number, each in enumerate(news):
        found.add(batch(number * BATCH, {n: number * BATCH + at for n, at in each.items()}))
        flat = flat if flat is not None else found.flat_at(patience)
    assert found.flat_at(patience) == flat


@pytest.mark.parametrize("patience", [None, 1_000])
def test_without_patience_or_schedules_nothing_is_flat(patience: int | None) -> None:
    assert tally(batch(0, {})).flat_at(patience) is None
