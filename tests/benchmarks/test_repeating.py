"""How often a search is run, and with how many CPUs it is not begun any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import repeat

import pytest

from benchmarks.results import NOT_FINISHED, Row, middle
from benchmarks.searches import Times, growing, in_turn, repeated
from tests.benchmarks.results import row

ONCE = Times(1, 100.0)


def drawn(rows: Iterator[Row]) -> Callable[[], Row]:
    return lambda: next(rows)


def ten_times_as_long(cpus: int) -> Row:
    return row(cpus=cpus, states=10**cpus, search=10.0 ** (cpus - 2))


def test_the_median_of_the_runs_counts() -> None:
    runs = [row(whole=whole) for whole in (3.0, 1.0, 2.0)]
    assert repeated(drawn(iter(runs)), Times(3, 100.0)).whole == 2.0


def test_the_number_of_runs_is_told() -> None:
    assert repeated(drawn(repeat(row())), Times(3, 100.0)).runs == 3


def test_a_search_is_not_repeated_when_patience_has_ended() -> None:
    assert repeated(drawn(repeat(row(whole=6.0))), Times(5, 10.0)).runs == 2


def test_a_search_that_did_not_finish_is_not_repeated() -> None:
    runs = iter([row(outcome=NOT_FINISHED)])
    assert not repeated(drawn(runs), Times(5, 100.0)).finished


def test_runs_that_do_not_agree_are_an_error() -> None:
    with pytest.raises(ValueError, match="do not agree"):
        middle([row(states=1), row(states=2)])


def test_what_cannot_finish_in_time_is_not_begun() -> None:
    assert [each.cpus for each in growing([ten_times_as_long], 8, 9.0, ONCE)] == [1, 2]


def test_what_can_finish_in_time_is_measured_up_to_the_last_number() -> None:
    assert [each.cpus for each in growing([ten_times_as_long], 3, 100.0, ONCE)] == [1, 2, 3]


def test_nothing_follows_a_search_that_did_not_finish() -> None:
    stopped = growing([lambda cpus: row(cpus=cpus, outcome=NOT_FINISHED)], 8, 100.0, ONCE)
    assert [each.cpus for each in stopped] == [1]


def test_searches_that_are_compared_take_turns() -> None:
    begun: list[str] = []

    def telling(name: str) -> Row:
        begun.append(name)
        return row(series=name)

    in_turn([partial(telling, "a"), partial(telling, "b")], Times(2, 100.0))
    assert begun == ["a", "b", "a", "b"]


def test_one_that_cannot_finish_does_not_end_the_others() -> None:
    def quick(cpus: int) -> Row:
        return row(series="quick", cpus=cpus)

    rows = growing([ten_times_as_long, quick], 3, 9.0, ONCE)
    assert [each.cpus for each in rows if each.series == "quick"] == [1, 2, 3]
