"""What every CPU saw between two steps of the protocol."""

from syrupy.assertion import SnapshotAssertion

from simulator.report.transitions import spans, transitions
from simulator.report.words import Fact, Rank


def seen(number: int, cpu: int, label: str) -> Fact:
    return Fact(number, cpu, Rank.SEEN, f"executes {label}", label, "answer")


FACTS = (
    seen(1, 0, "old"), seen(2, 1, "old"), seen(3, 0, "old"),
    Fact(4, 2, Rank.MILESTONE, "1. arm"), Fact(5, 2, Rank.DETAIL, "poke_armed = 1 visible"),
    Fact(6, 2, Rank.MILESTONE, "2. store +0 cc"), seen(7, 0, "int3"), seen(8, 0, "old"), seen(9, 0, "int3"),
    Fact(10, 2, Rank.MILESTONE, "patcher done"), seen(11, 1, "new"),
)  # fmt: skip


def test_a_row_per_step_and_a_column_per_cpu(snapshot: SnapshotAssertion) -> None:
    assert transitions(FACTS, 2) == snapshot


def test_what_was_seen_before_the_first_step_counts_from_the_start() -> None:
    first = next(spans(FACTS))
    assert (first.start, first.saw) == (None, {0: {"old": 2}, 1: {"old": 1}})


def test_details_are_left_out() -> None:
    assert "poke_armed" not in transitions(FACTS, 2)


def test_a_narrow_terminal_shows_the_same() -> None:
    assert "int3\xa02" in transitions(FACTS, 2, 40)
