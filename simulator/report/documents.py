"""The machine-readable form: plain dictionaries of a stable shape, one per command.

======== =============================================================================================
command  keys beside ``format`` and ``command``
======== =============================================================================================
list     scenarios, kernels, protocols, profiles
show     kernel, functions (name, address, size, source, site, site_bytes, crosses, replaces)
check    checks (one ``result`` each), passed, failed, incomplete
run      those of a ``result``, steps, transitions (step, cpu, what, saw: vCPU to label to count)
replay   the same, shrunk (what, was, now)
campaign scenario and sites as check has them, scheduler, seed, schedules, transitions, ends, stopped_by,
         coverage (location, step, version, schedule), curve, violations (each with its replay), expected
compare  kernel, patch, cpus, tasks, fetch, models (model, verdict, safe, finishes, schedule, states, transitions,
         stops: per vCPU instructions and waits, code, runs)
patch    kernel, patch, model, cpus, tasks, fetch, seed, steps, done (a step, or null), events (step and line), verdict,
         holders (cpu, task, program, running, asleep, stack)
matrix   cells (protocol, placement, fetch, verdict, states, findings)
minimize scenario and sites as check has them, profiles, steps (step, needed), whole, minimal and repairs
         (places: of steps, null is an added sync; edits, best, answers), beyond_repair, orders, checked, unfinished
litmus   tests (test, fetch, condition, verdict, expected, passed, undefined, states, outcomes, witness)
======== =============================================================================================

Every document has ``format`` (a number that grows when the shape changes) and ``command``. Addresses are strings
(``"0xffffffff81000150"``: not every reader of JSON has 64-bit integers), bytes are lower-case spaced hex, and what is
not known is null. Times are there only when they were asked for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from simulator.explore.properties import FAIR_PROGRESS, Finding
from simulator.explore.schedule import format_choices
from simulator.explore.verdict import Outcome
from simulator.guest.image import Image
from simulator.machine.profiles import PROFILES
from simulator.report.finding import explain
from simulator.report.kernel import callbacks, functions
from simulator.report.migration import line
from simulator.report.result import Result
from simulator.report.transitions import spans
from simulator.report.verdict import facts
from simulator.report.words import Narrator
from simulator.scenario.build import Built
from simulator.scenario.catalogue import Entry
from simulator.scenario.compare import Row
from simulator.scenario.holders import Holder
from simulator.scenario.matrix import Cell
from simulator.scenario.migration import Happening
from simulator.scenario.scenario import Scenario

FORMAT = 1
Document = dict[str, Any]


def document(command: str, **content: Any) -> Document:
    """Return a document of one command."""
    return {"format": FORMAT, "command": command, **content}


def dumps(content: Document) -> str:
    """Return the text of a document."""
    return json.dumps(content, indent=2, ensure_ascii=False)


def scenario(entry: Entry) -> Document:
    """Return a scenario as it is listed."""
    found = entry.scenario
    return {
        "name": entry.name, "title": entry.title, "story": entry.story, "path": str(entry.path),
        "kernel": str(found.kernel), "patch": found.patch, "cpus": found.cpus, "protocol": found.protocol_name,
        "fetch": found.fetch, "data_model": found.data_model, "placement": found.placement,
        "expect": {profile: found.expected(profile) for profile in PROFILES},
    }  # fmt: skip


def result(answer: Result, *, time: bool = False) -> Document:
    """Return one verdict with its bounds, its counterexample and the way to replay it."""
    verdict, built = answer.verdict, answer.built
    statistics = {
        "states": verdict.statistics.states, "transitions": verdict.statistics.transitions,
        "depth": verdict.statistics.depth, "states_left": verdict.statistics.frontier,
        "unicorn_steps": verdict.statistics.unicorn_steps,
        "seconds": round(verdict.statistics.seconds, 3) if time else None,
    }  # fmt: skip
    held = verdict.bounds
    return {
        **about(answer.name, answer.title, built),
        "verdict": verdict.label, "expected": answer.expected, "passed": answer.passed,
        "spec_only": answer.spec_only,
        "bounds": {
            "cpus": held.cpus, "patchers": held.patchers, "fetch": held.profile, "data_model": held.data_model,
            "properties": list(held.properties), "reductions": list(held.reductions), "notes": list(held.notes),
        },
        "statistics": statistics, "stopped_by": verdict.stopped_by or None, "unmet": list(verdict.unmet),
        "finding": _finding(answer), "replay": answer.replay or None, "loop": verdict.loop or None,
        "trace": _trace(answer) if verdict.outcome in (Outcome.VIOLATION, Outcome.RAN) else [],
    }  # fmt: skip


def about(name: str, title: str, built: Built) -> Document:
    """Return what ran: scenario, fetch model and patch sites."""
    config = built.subject.machine.config
    describe = built.image.symbols.describe
    return {
        "scenario": name, "title": title, "fingerprint": built.fingerprint, "kernel": str(built.scenario.kernel),
        "protocol": built.scenario.protocol_name, "fetch": config.profile.name, "data_model": config.data_model,
        "sites": [
            {
                "function": site.name, "address": _hex(site.address), "symbol": describe(site.address),
                "versions": [version.hex(" ") for version in site.versions],
            }
            for site in built.subject.watch.sites
        ],
    }  # fmt: skip


def run(answer: Result) -> Document:
    """Return one execution: the verdict, and what each CPU saw between the steps of the protocol."""
    rows = [
        {
            "step": span.start.number if span.start else None, "cpu": span.start.cpu if span.start else None,
            "what": span.start.text if span.start else "start",
            "saw": {str(cpu): dict(sorted(counts.items())) for cpu, counts in sorted(span.saw.items())},
        }
        for span in spans(Narrator(answer.built).facts(answer.steps))
    ]  # fmt: skip
    found = result(answer)
    return {**found, "steps": len(answer.steps), "transitions": rows}


def kernel(image: Image) -> Document:
    """Return the functions of a guest kernel."""
    return {
        "kernel": image.name,
        "functions": [
            {
                "name": each.name, "address": _hex(each.address), "size": each.size,
                "source": f"{each.file}:{each.line}" if each.line else each.file,
                "site": _hex(each.site) if each.site is not None else None,
                "site_bytes": each.code.hex(" ") or None, "crosses": list(each.crosses),
                "replaces": each.replaces or None, "immediate": each.immediate,
            }
            for each in functions(image)
        ],
        "callbacks": [{"function": new, **dict(calls)} for new, calls in callbacks(image)],
    }  # fmt: skip


def comparison(name: str, compared: Scenario, rows: Sequence[Row], replays: Sequence[str | None]) -> Document:
    """Return consistency models side by side."""
    return {
        "name": name, "kernel": str(compared.kernel), "patch": compared.patch, "cpus": compared.cpus,
        "tasks": [list(programs) for programs in compared.tasks], "fetch": compared.fetch,
        "models": [_model(row, replay) for row, replay in zip(rows, replays, strict=True)],
    }  # fmt: skip


def _model(row: Row, replay: str | None) -> Document:
    verdict, cost = row.answer.verdict, row.cost
    return {
        "model": row.model, "verdict": verdict.label, "safe": row.answer.safe, "finishes": row.answer.finishes,
        "schedule": format_choices(verdict.schedule) or None, "replay": replay,
        "states": verdict.statistics.states, "transitions": verdict.statistics.transitions,
        "stops": [each._asdict() for each in cost.stretches], "code": cost.code, "runs": cost.runs,
    }  # fmt: skip


def patch(applied: Result, happened: Sequence[Happening], holders: Sequence[Holder], done: int | None) -> Document:
    """Return a patch that was applied to a running kernel."""
    scenario = applied.built.scenario
    return {
        "kernel": str(scenario.kernel), "patch": scenario.patch, "model": scenario.protocol_name,
        "cpus": scenario.cpus, "tasks": [list(programs) for programs in scenario.tasks], "fetch": scenario.fetch,
        "steps": len(applied.steps), "done": done, "verdict": applied.verdict.label,
        "events": [{"step": each.step, "what": line(each)} for each in happened],
        "holders": [
            {
                "cpu": each.cpu, "task": each.slot, "program": each.program, "running": each.running,
                "asleep": each.asleep, "stack": list(each.stack),
            }
            for each in holders
        ],
    }  # fmt: skip


def matrix(found: Sequence[Cell]) -> list[Document]:
    """Return the cells of the verdict table."""
    return [
        {
            "protocol": cell.protocol, "placement": cell.placement, "fetch": cell.profile, "verdict": cell.text,
            "states": cell.verdict.statistics.states, "findings": [list(kind) for kind in cell.verdict.all_findings],
        }
        for cell in found
    ]  # fmt: skip


def _trace(answer: Result) -> list[Document]:
    return [{"step": fact.number, "cpu": fact.cpu, "what": fact.text} for fact in facts(answer)]


def _finding(answer: Result) -> Document | None:
    finding: Finding | None = answer.verdict.finding
    if finding is None:
        return None
    narrator, nowhere = Narrator(answer.built), finding.property in ("progress", FAIR_PROGRESS)
    return {
        "property": finding.property, "kind": finding.kind, "cpu": finding.cpu,
        "address": None if nowhere else _hex(finding.address),
        "symbol": None if nowhere else narrator.where(finding.address),
        "bytes": finding.code.hex(" ") or None, "message": explain(narrator, finding, answer.steps),
    }  # fmt: skip


def _hex(address: int) -> str:
    return f"{address:#x}"
