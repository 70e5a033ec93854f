"""Tables, the page and the JSON of what was measured."""

from __future__ import annotations

import pytest

from benchmarks.figures import missed, of_searches, ratios
from benchmarks.page import page
from benchmarks.results import NOT_FINISHED, ONLY, Figure, Results, from_json, to_json
from benchmarks.tables import Table, cell, markdown, plain, tables
from tests.benchmarks.results import results, row

SMALL = Table("Title", ("name", "states"), (("a", "1,000"), ("bc", "2")), "Text.")


def test_a_terminal_gets_numbers_to_the_right() -> None:
    assert plain(SMALL) == "Title\n\nname  states\na      1,000\nbc         2\n"


def test_a_page_gets_marks_for_numbers_and_the_text() -> None:
    assert markdown(SMALL) == ("## Title\n\nText.\n\n| name | states |\n| --- | --: |\n| a | 1,000 |\n| bc | 2 |\n")


def test_a_search_that_did_not_finish_shows_what_it_reached() -> None:
    assert cell(row(outcome=NOT_FINISHED, states=1_000_000, search=12.0)) == "> 1,000,000 / > 12 s"


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("time", 0.2, "s", 0.3), "yes"),
        (Figure("time", 0.4, "s", 0.3), "no"),
        (Figure("rate", 4.0, "/s", 3.0), "yes"),
        (Figure("rate", 2.0, "/s", 3.0), "no"),
        (Figure("rate", 2.0, "/s"), ""),
    ],
)
def test_a_goal_is_met_from_its_side(figure: Figure, met: str) -> None:
    assert figure.met == met


def test_the_faster_of_the_models_with_reduction_is_what_is_compared_with() -> None:
    assert [(cpus, theirs.series) for cpus, _, _, theirs in ratios(results().rows)] == [(1, "site only")]


def test_the_slowest_fetch_model_counts() -> None:
    rows = (row(series="coherent", search=0.1), row(series="stale1", search=0.2))
    assert [figure.value for figure in of_searches(rows)] == [0.4]


def test_the_search_behind_a_missed_figure_is_told() -> None:
    slow = row(series="stale1", search=9.0)
    assert missed((row(series="coherent"), slow)) == (slow,)


def test_every_table_has_rows_as_wide_as_its_head() -> None:
    assert all(len(line) == len(table.heads) for table in tables(results()) for line in table.rows)


def test_a_reduction_without_a_figure_has_an_empty_cell() -> None:
    alone = next(table for table in tables(results()) if table.title == "One reduction alone")
    assert alone.rows[1] == ("merge alone", "3,883 / 0.20", "")


def test_the_page_names_the_command_that_wrote_it() -> None:
    assert "```sh\npython -m benchmarks\n```" in page(results())


def test_the_page_shows_the_chart_beside_it() -> None:
    assert "](benchmarks.svg)" in page(results(), "benchmarks.svg")


def test_the_page_says_what_was_not_measured() -> None:
    assert "## Not measured\n\n* SPIN: not found\n" in page(results())


def test_results_are_read_as_they_were_written() -> None:
    assert from_json(to_json(results())) == results()


def test_other_json_is_refused() -> None:
    with pytest.raises(ValueError, match="not the results"):
        from_json('{"rows": []}')


def test_results_without_a_section_have_no_table_of_it() -> None:
    empty = Results("python -m benchmarks", {}, (row(ONLY, "merge"),), ())
    assert [table.title for table in tables(empty)] == ["One reduction alone"]
