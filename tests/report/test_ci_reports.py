"""Reports for CI: JUnit XML, SARIF, GitHub annotations, a page of Markdown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from simulator.explore.checker import check
from simulator.explore.simulate import replay
from simulator.explore.verdict import Outcome
from simulator.machine.engine import Engine
from simulator.report.github import github
from simulator.report.junit import junit
from simulator.report.markdown import markdown
from simulator.report.place import place
from simulator.report.result import Result
from simulator.report.sarif import sarif
from simulator.scenario import Scenario
from simulator.scenario.build import build


def answered(name: str, scenario: Scenario, expected: str | None) -> Result:
    built = build(scenario, Engine())
    verdict = check(built.subject)
    steps = tuple(replay(built.subject, verdict.schedule)) if verdict.schedule else ()
    return Result(name, "A title.", built, verdict, expected, "kg1:case:0:0x", steps=steps)


@pytest.fixture(scope="module")
def safe() -> Result:
    return answered("good", Scenario(), "safe")


@pytest.fixture(scope="module")
def torn() -> Result:
    return answered(
        "bad|one", Scenario(protocol="store8", placement=62, properties=("integrity",), fetch="line64"), None
    )


@pytest.fixture(scope="module")
def stopped(safe: Result) -> Result:
    verdict = replace(safe.verdict, outcome=Outcome.INCOMPLETE, stopped_by="limit of 1 seconds")
    return Result("slow", "", safe.built, verdict, "safe")


@pytest.fixture(scope="module")
def missed(safe: Result) -> Result:
    return Result("lost", "", safe.built, safe.verdict, "violation:traps")


def cases(text: str) -> dict[str, ElementTree.Element]:
    return {str(case.get("classname")): case for case in ElementTree.fromstring(text).iter("testcase")}


def findings(*results: Result) -> list[dict[str, Any]]:
    (only,) = json.loads(sarif(results))["runs"]
    return list(only["results"])


# JUnit ---------------------------------------------------------------------------------------------------


def test_junit_counts_failures_and_errors(safe: Result, torn: Result, stopped: Result) -> None:
    suite = ElementTree.fromstring(junit([safe, torn, stopped]))[0]
    assert [suite.get(name) for name in ("tests", "failures", "errors")] == ["3", "1", "1"]


def test_a_verdict_as_expected_is_a_plain_junit_case(safe: Result) -> None:
    assert len(cases(junit([safe]))["good"]) == 0


def test_a_junit_failure_holds_the_counterexample_and_its_replay(torn: Result) -> None:
    (failure,) = cases(junit([torn]))["bad|one"]
    assert failure.tag == "failure"
    assert "neither old, INT3 nor new" in str(failure.text) and "kgraft-sim replay" in str(failure.text)


def test_an_unfinished_search_is_a_junit_error(stopped: Result) -> None:
    (error,) = cases(junit([stopped]))["slow"]
    assert (error.tag, error.text) == ("error", "limit of 1 seconds")


def test_characters_that_xml_cannot_hold_are_replaced(safe: Result) -> None:
    result = Result("bell \a", "", safe.built, safe.verdict, "safe")
    assert "bell \ufffd" in cases(junit([result]))


def test_junit_times_are_there_only_when_asked_for(safe: Result) -> None:
    assert ["time=" in junit([safe], time=time) for time in (False, True)] == [False, True]


# SARIF ---------------------------------------------------------------------------------------------------


def test_sarif_holds_only_what_is_wrong(safe: Result, torn: Result) -> None:
    assert [each["ruleId"] for each in findings(safe, torn)] == ["integrity"]


def test_sarif_points_at_the_line_of_the_function_that_is_patched(torn: Result) -> None:
    (location,) = findings(torn)[0]["locations"]
    physical = location["physicalLocation"]
    source = Path(__file__).parents[2] / physical["artifactLocation"]["uri"]
    line = physical["region"]["startLine"]
    assert "int answer(void)" in "".join(source.read_text().splitlines()[line - 2 : line])


def test_a_sarif_code_flow_has_a_thread_for_each_cpu_in_the_order_of_steps(torn: Result) -> None:
    threads = findings(torn)[0]["codeFlows"][0]["threadFlows"]
    orders = [[step["executionOrder"] for step in thread["locations"]] for thread in threads]
    assert [thread["id"] for thread in threads] == ["vCPU0", "vCPU1 (patcher)"]
    assert all(order == sorted(order) for order in orders)


def test_a_missing_violation_is_a_sarif_result_of_its_own_rule(missed: Result) -> None:
    assert [(each["ruleId"], each["level"]) for each in findings(missed)] == [("safe", "error")]


def test_an_unfinished_search_is_a_sarif_warning(stopped: Result) -> None:
    assert [(each["ruleId"], each["level"]) for each in findings(stopped)] == [("incomplete", "warning")]


def test_every_sarif_rule_index_names_its_rule(torn: Result, stopped: Result, missed: Result) -> None:
    run = json.loads(sarif([torn, stopped, missed]))["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[each["ruleIndex"]] for each in run["results"]] == [each["ruleId"] for each in run["results"]]


# GitHub --------------------------------------------------------------------------------------------------


def test_github_is_told_nothing_where_nothing_is_wrong(safe: Result) -> None:
    assert github([safe]) == ""


def test_an_annotation_is_one_line_with_everything_escaped(torn: Result) -> None:
    printed = github([torn])
    head, _, message = printed.removeprefix("::error ").partition("::")
    assert "\n" not in printed and "%0Areplay: kgraft-sim replay" in message
    assert head.startswith(f"file={place(torn).file},line={place(torn).line},title=bad|one (line64)")


def test_an_unfinished_search_is_a_warning(stopped: Result) -> None:
    assert github([stopped]).startswith("::warning file=")


# Markdown ------------------------------------------------------------------------------------------------


def test_the_page_begins_with_the_counts(safe: Result, torn: Result, stopped: Result) -> None:
    assert markdown([safe, torn, stopped]).splitlines()[0] == "# kgraft-sim: 1 passed, 1 failed, 1 incomplete"


def test_the_page_shows_a_counterexample_before_the_table(torn: Result) -> None:
    page = markdown([torn])
    assert page.index("```text") < page.index("neither old, INT3 nor new") < page.index("| scenario |")


def test_a_name_does_not_break_the_table(torn: Result) -> None:
    rows = [line for line in markdown([torn]).splitlines() if line.startswith("| bad")]
    assert rows[0].replace("\\|", "").count("|") == 6


def test_a_long_table_is_folded_away(safe: Result) -> None:
    assert "<details>" in markdown([safe] * 26) and "<details>" not in markdown([safe] * 25)


def test_the_page_shows_at_most_five_counterexamples(torn: Result) -> None:
    page = markdown([torn] * 7)
    assert (page.count("```text"), "... and 2 more" in page) == (5, True)


# together ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", [junit, sarif, github, markdown])
def test_a_result_that_is_right_is_never_built_for_a_report(safe: Result, report: Any) -> None:
    def refuse() -> Any:
        raise AssertionError("nobody needs the guest of a verdict that is as expected")

    report([Result("kept", "", refuse, safe.verdict, "safe")])
