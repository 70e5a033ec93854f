"""The JSON trace against its JSON Schema, which others validate with."""

import copy
import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from simulator.report.recording import Recording, record
from simulator.report.trace_json import SCHEMA, document


@pytest.fixture(scope="module")
def schema() -> Any:
    return json.loads(files("simulator.report").joinpath(SCHEMA).read_text())


def test_the_schema_is_one(schema: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


def test_a_trace_is_as_the_schema_says(recording: Recording, schema: Any) -> None:
    jsonschema.validate(json.loads(json.dumps(document(recording))), schema)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda trace: trace.pop("replay"),
        lambda trace: trace["steps"][0].update(more=1),
        lambda trace: trace["steps"][0]["changed"].update(cpus={"0": {"eax": "0x1"}}),
        lambda trace: trace["start"]["sites"]["0"].update(memory="0F 1F"),
        lambda trace: trace["arrows"].append({"kind": "ipi"}),
    ],
)
def test_what_is_no_trace_is_refused(stale: Recording, schema: Any, spoil: Any) -> None:
    trace = copy.deepcopy(document(stale))
    spoil(trace)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(trace, schema)


def test_references_lead_to_entries_of_the_table_of_code(recording: Recording) -> None:
    trace = document(recording)
    used = [step["code"] for step in trace["steps"] if step["code"] is not None]
    used += [number for function in trace["functions"] for number in function["code"]]
    assert max(used) == len(trace["code"]) - 1


def test_the_same_execution_is_the_same_document(stale: Recording) -> None:
    assert document(record(stale.result)) == document(stale)
