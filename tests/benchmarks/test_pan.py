"""What pan prints at its end, as SPIN 6.5.2 prints it, and as it is read."""

from __future__ import annotations

import pytest

from benchmarks.spin import Found, Unreadable, parse

COMPLETE = """
(Spin Version 6.5.2 -- 6 December 2019)
\t+ Partial Order Reduction

Full statespace search for:
\tassertion violations\t+

State-vector 52 byte, depth reached 411, errors: 0
     8996 states, stored
     6994 states, matched
    15990 transitions (= stored+matched)
        0 atomic steps
hash conflicts:        12 (resolved)

Stats on memory usage (in Megabytes):
    0.686\tequivalent memory usage for states (stored*(State-vector + overhead))
    0.664\tactual memory usage for states
   59.094\ttotal actual memory usage

pan: elapsed time 0.02 seconds
"""


def test_the_counts_of_a_complete_search_are_read() -> None:
    assert parse(COMPLETE) == Found(8996, 15990, 59.094, 0, True)


def test_counts_in_scientific_notation_are_read() -> None:
    text = COMPLETE.replace("     8996 states", "1.7297993e+07 states")
    assert parse(text).states == 17_297_993


def test_a_search_that_met_the_depth_limit_is_not_complete() -> None:
    assert not parse(f"error: max search depth too small\n{COMPLETE}").complete


def test_a_search_that_was_interrupted_is_not_complete() -> None:
    text = COMPLETE.replace("\t+ Partial", "Warning: Search not completed\n\t+ Partial")
    assert not parse(f"Interrupted\n{text}").complete


def test_a_failed_assertion_is_an_error() -> None:
    assert parse(COMPLETE.replace("errors: 0", "errors: 1")).errors == 1


def test_output_without_statistics_is_refused_with_what_was_printed() -> None:
    with pytest.raises(Unreadable, match="out of memory"):
        parse("pan: out of memory\n")
