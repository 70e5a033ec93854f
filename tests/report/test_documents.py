"""The shape of the JSON documents, which scripts depend on."""

import json

from simulator.explore.checker import check
from simulator.report import documents
from simulator.report.result import Result
from simulator.scenario.build import Built


def test_a_result_has_the_same_keys_whatever_the_verdict(built: Built) -> None:
    found = documents.result(Result("case", "A title.", built, check(built.subject)))
    assert sorted(found) == [
        "bounds", "data_model", "expected", "fetch", "finding", "fingerprint", "kernel", "loop", "passed", "protocol",
        "replay", "scenario", "sites", "spec_only", "statistics", "stopped_by", "title", "trace", "unmet",
        "verdict",
    ]  # fmt: skip


def test_a_document_says_its_format_and_its_command() -> None:
    assert json.loads(documents.dumps(documents.document("list", scenarios=[]))) == {
        "format": 1, "command": "list", "scenarios": [],
    }  # fmt: skip


def test_times_are_null_unless_asked_for(built: Built) -> None:
    answer = Result("case", "", built, check(built.subject))
    quiet, timed = documents.result(answer), documents.result(answer, time=True)
    assert quiet["statistics"]["seconds"] is None
    assert isinstance(timed["statistics"]["seconds"], float)
