"""Litmus tests as herd7 prints them, and a table of verdicts over fetch models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from simulator.litmus.build import CODE, Built
from simulator.litmus.condition import Quantifier
from simulator.litmus.judge import Answer
from simulator.litmus.outcomes import executed
from simulator.litmus.test import Litmus, Verdict
from simulator.machine.choice import Choice
from simulator.machine.events import (
    Committed,
    Delivered,
    Event,
    Executed,
    Fetched,
    Flushed,
    Loaded,
    Posted,
    Shutdown,
    Undefined,
)
from simulator.machine.memory import PAGE
from simulator.machine.profiles import PROFILES
from simulator.report.table import WIDTH, Column, fields, table, wrap
from simulator.x86.decode import decode

_KINDS = {Quantifier.EXISTS: "Allowed", Quantifier.NOT_EXISTS: "Forbidden", Quantifier.FORALL: "Required"}
_ADDRESS = re.compile(r"0xffffffff[0-9a-f]{8}\b")
_SHORT = {Verdict.OK: "Ok", Verdict.NO: "No", Verdict.UNDEFINED: "U", None: "?"}


def herd(answers: Sequence[Answer], width: int = WIDTH) -> str:
    """Return one block per fetch model; models with the same outcomes share one."""
    groups: dict[tuple[object, ...], list[Answer]] = {}
    for answer in answers:
        groups.setdefault((answer.outcomes, answer.undefined, answer.complete, answer.expected), []).append(answer)
    return "\n\n".join("\n".join(_block(group, width)) for group in groups.values())


def _block(group: Sequence[Answer], width: int) -> Iterator[str]:
    answer = group[0]
    litmus, positive, negative = answer.litmus, answer.positive, answer.negative
    yield f"Test {litmus.name} {_KINDS[litmus.condition.quantifier]}"
    yield from wrap("Fetch models " + " ".join(each.profile for each in group), width, "", "  ")
    yield f"States {len(answer.outcomes)}"
    for outcome in answer.outcomes:
        yield f"{outcome.states:<6}{'*' if outcome.witness else ':'}>{outcome.text}".rstrip()
    if answer.undefined:
        yield "Flag undefined: some execution is, and is not followed further"
    yield answer.verdict.value if answer.verdict is not None else "Incomplete: stopped by the limit of states"
    yield "Witnesses"
    yield f"Positive: {positive} Negative: {negative}"
    yield from wrap(f"Condition {litmus.condition}", width, "", "  ")
    seen = "Sometimes" if positive and negative else "Always" if positive else "Never"
    yield f"Observation {litmus.name} {seen} {positive} {negative}"
    if answer.expected is not None and answer.complete:
        yield "As expected" if answer.passed else f"NOT AS EXPECTED: the file says {answer.expected}"


def about(litmus: Litmus, width: int = WIDTH) -> str:
    """Return what a test is about and why its verdicts are what they are."""
    return fields([("about", litmus.about), ("because", litmus.because)], width, "")


def verdicts(answers: Sequence[Answer], width: int = WIDTH) -> str:
    """Return a row per test, a column per fetch model; ``!`` marks what is not as expected."""
    profiles = list(dict.fromkeys(answer.profile for answer in answers))
    rows: dict[str, dict[str, Answer]] = {}
    for answer in answers:
        rows.setdefault(answer.litmus.name, {})[answer.profile] = answer
    columns = [Column("test"), *(Column(PROFILES[name].letter) for name in profiles)]
    body = [[name, *(_cell(row.get(profile)) for profile in profiles)] for name, row in rows.items()]
    models = ", ".join(f"{PROFILES[name].letter} {name}" for name in profiles)
    return "\n".join([*wrap(f"fetch models: {models}", width, "", "  "), table(columns, body, width), _sum(answers)])


def _cell(answer: Answer | None) -> str:
    if answer is None:
        return ""
    return _SHORT[answer.verdict] + ("!" if answer.complete and not answer.passed else "")


def _sum(answers: Sequence[Answer]) -> str:
    tests = len({answer.litmus.name for answer in answers})
    said = [answer for answer in answers if answer.expected is not None]
    wrong = sum(not answer.passed for answer in said)
    expected = f"{len(said) - wrong} of {len(said)} verdicts as expected" if said else f"{len(answers)} verdicts"
    return f"{tests} {'test' if tests == 1 else 'tests'}, {expected}"


# a schedule ----------------------------------------------------------------------------------------------


def trace(built: Built, schedule: Iterable[Choice]) -> str:
    """Return an execution step by step, in the words of the test."""
    state, rows = built.initial, []
    for number, choice in enumerate(schedule, 1):
        state, events = built.machine.apply(state, choice)
        rows.append([f"#{number}", f"P{choice.cpu}", *_told(built, events)])
    columns = [Column("step", right=True), Column("cpu"), Column("does", wraps=True), Column("", wraps=True)]
    return table(columns, rows)


def _told(built: Built, events: Sequence[Event]) -> tuple[str, str]:
    does, more = "", []
    for event in events:
        if isinstance(event, Executed):
            instruction = decode(event.code, event.address)
            text = instruction.text if instruction is not None else event.code.hex(" ")
            does = _ADDRESS.sub(lambda found: _where(built, int(found[0], 16)), text)
            more += [f"{kind} {site.name}" for site in built.sites for kind in executed(site, event)]
            more += ["older than memory"] if event.stale else []
        elif isinstance(event, Fetched):
            does = f"fetches {event.code.hex(' ')}"
        elif isinstance(event, Committed):
            text = f"{_where(built, event.address)} becomes {event.data.hex(' ')}"
            does, more = (does, [*more, text]) if does else (text, more)
        elif isinstance(event, Loaded):
            more.append(f"reads {event.data.hex(' ')}")
        elif isinstance(event, Delivered):
            does = does or f"vector {event.vector:#x} is delivered"
        elif isinstance(event, Posted):
            more.append(f"vector {event.vector:#x} to {' '.join(f'P{cpu}' for cpu in event.targets)}")
        elif isinstance(event, Flushed):
            more.append("flushes")
        elif isinstance(event, Undefined):
            more.append("UNDEFINED")
        elif isinstance(event, Shutdown):
            more.append(f"shut down: {event.reason}")
    return does, ", ".join(more)


def _where(built: Built, address: int) -> str:
    near = [(start, name) for name, start in built.symbols.items() if 0 <= address - start < 64]
    if not near and 0 <= address - CODE < PAGE * len(built.ends):
        return f"P{(address - CODE) // PAGE}+{(address - CODE) % PAGE}"
    if not near:
        return f"{address:#x}"
    start, name = max(near)
    return name if start == address else f"{name}+{address - start}"


# for programs --------------------------------------------------------------------------------------------


def documents(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """Return the answers as plain dictionaries."""
    return [
        {
            "test": answer.litmus.name, "fetch": answer.profile, "condition": str(answer.litmus.condition),
            "verdict": answer.verdict.value if answer.verdict is not None else None,
            "expected": answer.expected.value if answer.expected is not None else None, "passed": answer.passed,
            "undefined": answer.undefined, "states": answer.states, "complete": answer.complete,
            "outcomes": [
                {"text": outcome.text, "states": outcome.states, "witness": outcome.witness}
                for outcome in answer.outcomes
            ],
            "witness": [str(choice) for choice in answer.schedule],
        }
        for answer in answers
    ]  # fmt: skip
