"""Whether a verdict is what it should be."""

import pytest

from simulator.explore.properties import Finding
from simulator.explore.verdict import Bounds, Outcome, Statistics, Verdict
from simulator.report.result import Result
from simulator.report.summary import closing, summary
from simulator.report.verdict import headline
from simulator.scenario.build import Built

BOUNDS = Bounds(1, 1, "zen3", "tso", ("integrity",), ("merge",))
STATISTICS = Statistics(1200, 3400, 12, 0.5, 99)


def result(built: Built, outcome: Outcome, expected: str | None = None, name: str = "case") -> Result:
    finding = Finding("integrity", "torn", 0, 1) if outcome is Outcome.VIOLATION else None
    return Result(name, "", built, Verdict(outcome, BOUNDS, STATISTICS, finding), expected)


@pytest.mark.parametrize(
    ("outcome", "expected", "passed"),
    [
        (Outcome.SAFE, None, True), (Outcome.SAFE, "safe", True), (Outcome.SAFE, "violation:integrity", False),
        (Outcome.VIOLATION, None, False), (Outcome.VIOLATION, "violation:integrity", True),
        (Outcome.VIOLATION, "violation:traps", False), (Outcome.VACUOUS, None, False),
        (Outcome.VACUOUS, "vacuous", True), (Outcome.INCOMPLETE, "safe", None), (Outcome.INCOMPLETE, None, None),
        (Outcome.RAN, None, True), (Outcome.RAN, "violation:integrity", True),
    ],
)  # fmt: skip
def test_a_verdict_passes_or_not(built: Built, outcome: Outcome, expected: str | None, passed: bool | None) -> None:
    assert result(built, outcome, expected).passed is passed


def test_the_headline_begins_with_the_verdict(built: Built) -> None:
    assert headline(result(built, Outcome.VIOLATION, "safe")) == "VIOLATION: integrity (torn) [expected safe]"


def test_the_closing_line_counts_what_is_open(built: Built) -> None:
    several = [result(built, each) for each in (Outcome.SAFE, Outcome.VIOLATION, Outcome.INCOMPLETE)]
    assert closing(several) == "1 passed, 1 failed, 1 incomplete"


def test_one_scenario_needs_no_column_for_its_name(built: Built) -> None:
    assert "scenario" not in summary([result(built, Outcome.SAFE), result(built, Outcome.SAFE)])


def test_several_scenarios_have_a_column_for_their_names(built: Built) -> None:
    shown = summary([result(built, Outcome.SAFE, name=name) for name in ("one", "two")])
    assert [line.split()[0] for line in shown.splitlines()] == ["scenario", "one", "two"]


def test_a_summary_fits_a_narrow_terminal(built: Built) -> None:
    several = [result(built, Outcome.VIOLATION, "violation:integrity", name) for name in ("one", "two")]
    assert all(len(line) <= 40 for line in summary(several, 40).splitlines())
