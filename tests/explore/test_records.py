"""Packed records: what goes in comes out, from memory and from disk."""

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.explore.records import Records

ROWS = st.lists(st.tuples(*(st.integers(0, 2**32 - 1) for _ in range(3))), min_size=1, max_size=200)


@settings(deadline=None, max_examples=50)
@given(ROWS, st.integers(1, 500))
def test_records_come_back_as_they_were_whatever_is_on_disk(rows: list[tuple[int, int, int]], kept: int) -> None:
    records = Records(3, kept)
    for row in rows:
        records.append(records.pack(*row))
    assert len(records) == len(rows)
    assert [records[number] for number in range(len(rows))] == rows


def test_what_outgrows_memory_goes_to_disk() -> None:
    records = Records(2, kept=80)
    for number in range(25):
        records.append(records.pack(number, number))
    assert (records.on_disk, records[0], records[24]) == (20, (0, 0), (24, 24))
