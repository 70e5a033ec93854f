"""For how long memory has had other bytes."""

import pytest

from simulator.explore.properties import WatchedSite
from simulator.tui.ages import ages
from simulator.tui.journal import Replaced

OLD, NEW = bytes.fromhex("0f1f440000"), bytes.fromhex("e9aabbccdd")
SITE = WatchedSite("f", 0x1000, 5, (OLD, NEW))
POKED = (Replaced(10, 0x1000, b"\x0f"), Replaced(20, 0x1001, OLD[1:]), Replaced(30, 0x1000, b"\xcc"))


def test_what_memory_has_is_not_old() -> None:
    assert ages(SITE, NEW, NEW, POKED, 40) == (0, 0, 0, 0, 0)


def test_each_byte_is_as_old_as_the_store_that_replaced_it() -> None:
    assert ages(SITE, OLD, NEW, POKED, 40) == (31, 21, 21, 21, 21)


def test_a_byte_is_one_step_old_right_after_the_store() -> None:
    assert ages(SITE, b"\xcc", NEW, POKED, 30) == (1,)


def test_stores_that_lie_ahead_do_not_count() -> None:
    assert ages(SITE, OLD[:1], b"\xcc" + OLD[1:], POKED, 15) == (6,)


@pytest.mark.parametrize("value", [b"\x00", b"\x77"])
def test_a_value_memory_never_had_is_as_old_as_the_execution(value: bytes) -> None:
    assert ages(SITE, value, NEW, (), 12) == (12,)
