"""A litmus test as a test: its verdict under each fetch model against what the file, or the test, expects."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from simulator.errors import LitmusError
from simulator.litmus import Answer, ask, find
from simulator.litmus.build import build
from simulator.litmus.catalogue import SUFFIX, Entry
from simulator.litmus.test import Verdict
from simulator.machine.engine import Engine
from simulator.report import litmus as report

PLAIN = "zen3"
"""Fetch model where none is asked for, as for the command ``litmus``."""


def judge(entry: Entry, name: str, models: tuple[str, ...], expect: str | None) -> Iterator[tuple[Answer, str]]:
    """Yield the answer under each fetch model, with why it fails the test; empty where it does not.

    ``expect`` is ``Ok``, ``No`` or ``Undefined``; None: what the file says. Raises LitmusError.
    """
    if expect is not None and expect not in [*Verdict]:
        raise LitmusError(f"expect={expect!r}: a litmus test comes to {', '.join(Verdict)}")
    for model in models:
        answer = ask(entry.litmus, model, Engine())
        wanted = answer.expected if expect is None else Verdict(expect)
        passed = answer.complete and wanted in (None, answer.verdict)
        typed = name if Path(name).is_file() else entry.name
        yield answer, "" if passed else _failure(answer, typed, wanted)


def entry_of(name: str) -> Entry:
    """Return a litmus test by path, or a shipped one by the name of its file. Raises LitmusError."""
    return find(name if Path(name).is_file() else name.removesuffix(SUFFIX))


def _failure(answer: Answer, name: str, wanted: Verdict | None) -> str:
    came = answer.verdict.value if answer.verdict is not None else "Incomplete, which is no verdict"
    expected = f" [expected {wanted}]" if wanted is not None else ""
    parts = [f"{answer.litmus.name}: {came}{expected} under {answer.profile}", report.herd([answer])]
    parts.append(report.about(answer.litmus))
    if answer.schedule:
        parts.append(report.trace(build(answer.litmus, answer.profile, Engine()), answer.schedule))
    parts.append(f"again: kgraft-sim litmus {shlex.quote(name)} --fetch-model {answer.profile} --witness")
    return "\n\n".join(part for part in parts if part)
