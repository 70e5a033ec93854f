"""Verdicts as SARIF 2.1.0, for code scanning: each wrong one at the source line of its patch site.

A counterexample is a code flow with one thread flow per vCPU, ordered by the number of the step, so that a
viewer can walk through it. Format: OASIS, Static Analysis Results Interchange Format (SARIF) 2.1.0.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from simulator.explore.verdict import Outcome
from simulator.machine.events import Executed
from simulator.report.place import Place, line_of, place, site_of
from simulator.report.result import Result
from simulator.report.table import WIDTH
from simulator.report.verdict import facts, headline, last_line, replay_command

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RULES = {
    "integrity": "A CPU executes bytes that are neither the old instruction, nor INT3, nor the new one.",
    "boundaries": "A CPU, or the frame of an interrupt, stands inside the patch site.",
    "traps": "A breakpoint that nobody claims, or an exception that nobody expects.",
    "freshness": "A CPU executes the old instruction or an INT3 after the patch was done.",
    "order": "A CPU executes an older version of an instruction than before.",
    "progress": "The patcher can never be done any more.",
    "assertions": "What the guest kernel asserts does not hold.",
    "fair-progress": "A fair schedule keeps the patcher waiting for ever.",
    "consistency": "A task executes functions of both universes inside one kernel entry.",
    "finalized": "A task executes an old function after the transition was done.",
    "safe": "A violation was expected and no schedule has one.",
    "vacuous": "Something that had to happen never did, so the verdict proves nothing.",
    "incomplete": "The search was stopped before there was a verdict.",
    "not-proven": "There is no proof for every number of CPUs.",
}
"""A rule for each way to be wrong, in one sentence."""

_WIDE = 100 * WIDTH
Document = dict[str, Any]


def sarif(results: Sequence[Result]) -> str:
    """Return the document; verdicts that are as they should be are not in it."""
    wrong = [each for each in results if not each.passed]
    used = sorted({_rule(each) for each in wrong})
    driver = {
        "name": "kgraft-sim",
        "rules": [{"id": rule, "shortDescription": {"text": RULES.get(rule, rule)}} for rule in used],
    }
    run = {"tool": {"driver": driver}, "results": [_result(each, used) for each in wrong]}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(result: Result) -> str:
    return result.verdict.label.removeprefix("violation:")


def _result(result: Result, rules: Sequence[str]) -> Document:
    violated = result.verdict.outcome is Outcome.VIOLATION
    words = [f"{result.name} under {result.profile}: {headline(result)}"]
    if violated:
        words += [last_line(result, _WIDE), f"replay: {replay_command(result.replay)}"]
    told = f"{result.name} {result.profile} {result.verdict.label}"
    content: Document = {
        "ruleId": _rule(result), "ruleIndex": rules.index(_rule(result)),
        "level": "error" if result.passed is False else "warning",
        "message": {"text": "\n".join(word for word in words if word)},
        "locations": [_site(result)],
        "partialFingerprints": {"kgraftSim/v1": hashlib.sha256(told.encode()).hexdigest()[:16]},
    }  # fmt: skip
    return {**content, "codeFlows": [_flow(result)]} if violated else content


def _site(result: Result) -> Document:
    location = _location(place(result))
    site = site_of(result.built.subject.watch.sites, result.verdict.finding)
    if site is None:
        return location
    return {**location, "logicalLocations": [{"name": site.name, "kind": "function"}]}


def _flow(result: Result) -> Document:
    """Return the counterexample; a fact stands at the line of the instruction that its step executed."""
    image, patchers = result.built.image, result.built.subject.watch.patchers
    executed = {
        step.number: event.address for step in result.steps for event in step.events if isinstance(event, Executed)
    }
    flows: dict[int, list[Document]] = {}
    for fact in facts(result):
        where = line_of(image, executed[fact.number]) if fact.number in executed else None
        location = {**(_location(where) if where else {}), "message": {"text": fact.text}}
        flows.setdefault(fact.cpu, []).append({"location": location, "executionOrder": fact.number})
    return {
        "threadFlows": [
            {"id": f"vCPU{cpu}{' (patcher)' if cpu in patchers else ''}", "locations": flows[cpu]}
            for cpu in sorted(flows)
        ]
    }


def _location(where: Place) -> Document:
    return {"physicalLocation": {"artifactLocation": {"uri": where.file}, "region": {"startLine": max(where.line, 1)}}}
