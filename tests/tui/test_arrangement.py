"""How the lines of the screen are shared."""

import pytest

from simulator.tui.arrangement import FIXED, heights


@pytest.mark.parametrize("rows", (24, 25, 31, 40, 69))
@pytest.mark.parametrize("cpus", [1, 2, 4, 16])
def test_the_log_always_has_a_title_and_two_lines(rows: int, cpus: int) -> None:
    assert rows - FIXED - sum(heights(rows, cpus, 2)) >= 3


@pytest.mark.parametrize("rows", (24, 25, 31, 40, 69))
def test_the_cpus_have_the_most_lines(rows: int) -> None:
    shares = heights(rows, 2)
    assert shares.top >= shares.site


def test_more_sites_get_more_lines() -> None:
    assert heights(40, 2, 2).site > heights(40, 2, 1).site


def test_a_large_screen_has_room_for_every_instruction_that_a_cpu_may_fetch() -> None:
    assert heights(36, 2).site > heights(24, 2).site
