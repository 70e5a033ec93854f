"""What a test may name: a scenario, a protocol or a C patch, changed by fields of Scenario."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simulator.cli.question import Question, ask
from simulator.errors import ScenarioError
from simulator.machine.profiles import PROFILES, profile
from simulator.patching.steps import Protocol
from simulator.scenario.catalogue import Entry
from simulator.scenario.scenario import Scenario
from simulator.scenario.source_text import scenario_file

ALL = "all"
FAILURES = Path(".kgraft") / "failures"
"""Where the scenarios of failed tests are written, so that the other commands can read them."""

Named = str | Path | Scenario | Protocol | None

_PATCHES = (".c", ".S", ".o", ".ko")
_FILES = ("kernel", "patch")
_BY_OPTION = frozenset({"cpus", "protocol", "data_model"})
"""Fields that a replay string can change in a scenario that has a name."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be checked under one or more fetch models, and what is expected of it."""

    question: Question
    models: tuple[str, ...]
    inline: bool
    """Made of values in a test: no file has it yet."""
    explicit: bool
    """The test says what it expects, whatever the scenario says."""

    def expected(self, fetch: str) -> str | None:
        """Return the verdict that is expected; None: safe."""
        return self.question.scenario.expected(fetch) if self.explicit else self.question.expected(fetch)

    def write(self) -> Path | None:
        """Write a scenario that no file has, so that it can be replayed; return where it is."""
        from simulator.guest.cache import write_whole

        entry = self.question.entry
        if self.inline:
            write_whole(entry.path, scenario_file(entry.scenario, entry.story).encode())
        return entry.path


def models(fetch: str | tuple[str, ...] | list[str] | None, plain: str) -> tuple[str, ...]:
    """Return fetch models by name: one, several, all of them, or the plain one. Raises ScenarioError."""
    if fetch is None:
        return (plain,)
    if fetch == ALL:
        return tuple(PROFILES)
    names = (fetch,) if isinstance(fetch, str) else tuple(fetch)
    return tuple(profile(name).name for name in names)


def subject(what: Named, fields: Mapping[str, Any], *, fetch: Any, expect: Any, folder: Path, test: str) -> Subject:
    """Return what a test asks for. ``folder`` is the test's: its files are named relative to that.

    ``fields`` are fields of Scenario that are to be other than they are. Raises ScenarioError.
    """
    changed = {name: found(value, folder) if name in _FILES else value for name, value in fields.items()}
    if expect is not None:
        changed["expect"] = {"*": expect} if isinstance(expect, str) else expect
    if isinstance(what, str | Path) and Path(what).suffix not in _PATCHES:
        return _by_name(str(what), changed, fetch, folder, test, explicit=expect is not None)
    return _inline(_made(what, changed, folder), fetch, test)


def _by_name(name: str, changed: dict[str, Any], fetch: Any, folder: Path, test: str, *, explicit: bool) -> Subject:
    name = found(name, folder)
    if set(changed) - _BY_OPTION - {"expect"} or not isinstance(changed.get("protocol", ""), str):
        return _inline(_with(ask(name).scenario, {"expect": {"*": "safe"}, **changed}), fetch, test)
    question = ask(name, **{key: value for key, value in changed.items() if key != "expect"})
    if explicit:
        question = replace(question, scenario=replace(question.scenario, expect=changed["expect"]))
    return Subject(question, models(fetch, question.scenario.fetch), inline=False, explicit=explicit)


def _inline(scenario: Scenario, fetch: Any, test: str) -> Subject:
    test = test.partition("[")[0]
    slug = re.sub(r"[^a-z0-9]+", "_", test.lower().split("::")[-1]).strip("_") or "case"
    digest = hashlib.sha256(scenario_file(scenario, "").encode()).hexdigest()[:8]
    path = FAILURES / f"{slug}_{digest}.py"
    entry = Entry(path.as_posix(), path, f"As {test} has it.", scenario)
    return Subject(Question(entry, scenario, ()), models(fetch, scenario.fetch), inline=True, explicit=True)


def _made(what: Named, changed: dict[str, Any], folder: Path) -> Scenario:
    if isinstance(what, Scenario):
        return _with(what, changed)
    if isinstance(what, Protocol):
        return _with(Scenario(protocol=what), changed)
    if what is None:
        return _with(Scenario(), changed)
    return _with(Scenario(patch=found(what, folder)), changed)


def _with(scenario: Scenario, changed: Mapping[str, Any]) -> Scenario:
    try:
        return replace(scenario, **changed)
    except TypeError as error:
        raise ScenarioError(f"{error}; a scenario's fields are in docs/writing-a-scenario.md") from None


def found(name: Any, folder: Path) -> Any:
    """Return the path of a file beside the test, as it is typed from here; what is no file there stays as it is."""
    if not isinstance(name, str | Path) or not (folder / name).exists():
        return str(name) if isinstance(name, Path) else name
    path = (folder / name).resolve()
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
