"""What a report is about."""

import pytest

from simulator.report.header import crossings, placement


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (0, "8k+0 64k+0, inside a quadword"),
        (3, "8k+3 64k+3, inside a quadword"),
        (5, "8k+5 64k+5, 3 bytes before a quadword boundary (8 bytes)"),
        (30, "8k+6 64k+30, 2 bytes before a half line boundary (32 bytes)"),
        (62, "8k+6 64k+62, 2 bytes before a cacheline boundary (64 bytes)"),
        (4095, "8k+7 64k+63, 1 bytes before a page boundary (4096 bytes)"),
    ],
)
def test_a_site_says_how_it_lies(address: int, text: str) -> None:
    assert placement(0xFFFFFFFF81000000 + address, 5) == text


def test_a_boundary_at_the_end_of_a_site_is_not_crossed() -> None:
    assert crossings(59, 5) == []
