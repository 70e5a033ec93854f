"""Counterexamples side by side, or one below the other."""

import pytest
from syrupy.assertion import SnapshotAssertion

from simulator.report.lanes import lanes
from simulator.report.words import Fact, Rank

FACTS = (
    Fact(2, 2, Rank.MILESTONE, "1. store +0 cc"),
    Fact(5, 2, Rank.MILESTONE, "cc visible at answer+0x0/0x12"),
    Fact(7, 0, Rank.DETAIL, "workload_caller()"),
    Fact(11, 0, Rank.SEEN, "executes cc = int3", "int3", "answer"),
    Fact(11, 0, Rank.DETAIL, "#BP, saved RIP answer+0x1/0x12"),
    Fact(46, 0, Rank.MILESTONE, "die_int3()"),
)


@pytest.mark.parametrize("width", [80, 60, 40])
def test_a_lane_per_cpu_where_there_is_room(width: int, snapshot: SnapshotAssertion) -> None:
    assert lanes(FACTS, frozenset({2}), width) == snapshot


def test_a_cpu_that_does_nothing_has_no_lane() -> None:
    assert "vCPU1" not in lanes(FACTS, frozenset({2}), 200)


def test_many_cpus_become_a_list() -> None:
    crowd = [Fact(cpu + 1, cpu, Rank.SEEN, "executes cc = int3") for cpu in range(9)]
    assert lanes(crowd, frozenset({8})).splitlines()[-1] == "#9 vCPU8 (patcher): executes cc = int3"


def test_no_facts_are_no_lines_but_headings() -> None:
    assert lanes([], frozenset()).strip() == ""
