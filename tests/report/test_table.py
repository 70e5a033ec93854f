"""Tables fit where they are shown."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.report.table import Column, fields, records, table

COLUMNS = (Column("name"), Column("count", right=True), Column("story", wraps=True))
ROWS = (("one", "1", "a story of several words"), ("fourteen", "14", ""))


def test_a_table_that_fits_has_a_line_per_row() -> None:
    assert table(COLUMNS, ROWS, 60).splitlines() == [
        "name      count  story",
        "one           1  a story of several words",
        "fourteen     14",
    ]


def test_a_long_cell_wraps_in_its_column() -> None:
    assert table(COLUMNS, ROWS, 30).splitlines() == [
        "name      count  story",
        "one           1  a story of",
        "                 several words",
        "fourteen     14",
    ]


def test_where_wrapping_is_not_enough_rows_become_lists() -> None:
    assert table(COLUMNS, ROWS, 20).splitlines() == [
        "one",
        "  count: 1",
        "  story: a story of",
        "    several words",
        "fourteen",
        "  count: 14",
    ]


def test_an_empty_table_is_its_headings() -> None:
    assert table(COLUMNS, [], 60) == "name  count  story"


def test_a_list_leaves_out_what_is_empty() -> None:
    assert records(COLUMNS, [("one", "", "")]) == "one"


def test_fields_stand_under_each_other() -> None:
    assert fields([("a", "1"), ("long", "2"), ("none", "")], indent="") == "a     1\nlong  2"


words = st.lists(st.text("abc", min_size=1, max_size=9), max_size=12).map(" ".join)


@given(st.lists(st.tuples(words, words, words), max_size=5), st.integers(20, 100))
def test_no_line_is_wider_than_it_may_be(rows: list[tuple[str, str, str]], width: int) -> None:
    wrapping = [Column("a", wraps=True), Column("b", wraps=True), Column("c", wraps=True)]
    assert all(len(line) <= width for line in table(wrapping, rows, width).splitlines())


@given(st.lists(st.tuples(words, words, words), max_size=5), st.integers(20, 100))
def test_no_word_is_lost(rows: list[tuple[str, str, str]], width: int) -> None:
    wrapping = [Column("a", wraps=True), Column("b", wraps=True), Column("c", wraps=True)]
    shown = table(wrapping, rows, width).split()
    assert all(shown.count(word) >= 1 for row in rows for cell in row for word in cell.split())
