"""A trace as JSON: the verdict, the code, the first state, and what each step changed.

``trace.schema.json`` beside this file is its JSON Schema, and docs/traces.md says what the fields mean. As in all
documents (``report/documents.py``) addresses are strings, bytes are lower-case spaced hex.
"""

from __future__ import annotations

from simulator.report import documents
from simulator.report.documents import Document
from simulator.report.recording import Moment, Recording, View
from simulator.report.sights import SiteSight

SCHEMA = "trace.schema.json"


def document(recording: Recording) -> Document:
    """Return the document of an execution."""
    answer = recording.result
    patchers = answer.built.subject.watch.patchers
    about = documents.result(answer)
    about.pop("trace")  # the facts are in the steps
    return documents.document(
        "trace", **about,
        cpus=[{"cpu": cpu, "patches": cpu in patchers} for cpu in recording.start.cpus],
        code=[
            {
                "address": f"{code.address:#x}", "at": code.at, "bytes": code.code.hex(" "), "text": code.text,
                "source": code.source or None, "line": code.line or None,
            }
            for code in recording.code
        ],
        functions=[
            {"name": each.name, "start": f"{each.start:#x}", "end": f"{each.end:#x}", "code": list(each.codes)}
            for each in recording.listings
        ],
        start=_view(recording.start),
        steps=[_step(moment) for moment in recording.moments],
        slices=[
            {
                "cpu": each.cpu, "depth": each.depth, "kind": each.kind, "name": each.name, "start": each.start,
                "end": each.end,
            }
            for each in recording.slices
        ],
        arrows=[
            {"kind": each.kind, "name": each.name, "start": each.start, "through": each.through, "end": each.end}
            for each in recording.arrows
        ],
    )  # fmt: skip


def _step(moment: Moment) -> Document:
    return {
        "step": moment.number, "cpu": moment.cpu, "choice": moment.choice, "title": moment.title, "code": moment.code,
        "facts": [
            {"rank": fact.rank.value, "text": fact.text, "saw": fact.label or None} for fact in moment.facts
        ],
        "changed": _view(moment.changed),
    }  # fmt: skip


def _view(view: View) -> Document:
    """Return a state, or what changed in it; empty parts are left out."""
    parts: Document = {
        "cpus": {str(cpu): values for cpu, values in view.cpus.items()},
        "sites": {str(number): _site(sight) for number, sight in view.sites.items()},
        "counters": dict(view.counters),
    }
    return {name: part for name, part in parts.items() if part}


def _site(sight: SiteSight) -> Document:
    return {
        "memory": sight.memory.hex(" "), "is": sight.label,
        "cpus": [
            {
                "pieces": [[value.hex(" ") for value in piece] for piece in cpu.pieces],
                "may_execute": [{"bytes": each.code.hex(" "), "is": each.label} for each in cpu.possible],
            }
            for cpu in sight.cpus
        ],
    }  # fmt: skip
