"""A scenario as the command line asks for it: found, changed by options, and named in replay strings."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote

from simulator.errors import ScenarioError, ScheduleError
from simulator.explore.schedule import Schedule
from simulator.machine.choice import Choice
from simulator.machine.machine import DATA_MODELS
from simulator.machine.profiles import profile
from simulator.scenario.build import Built
from simulator.scenario.catalogue import Entry, find
from simulator.scenario.compare import under
from simulator.scenario.scenario import Scenario

FETCH, LOOP = "fetch", "loop"
OPTIONS = ("cpus", "protocol", "model", "data-model", FETCH, LOOP)


@dataclass(frozen=True, slots=True)
class Question:
    """A scenario, and how it differs from the one in the file."""

    entry: Entry
    scenario: Scenario
    changes: tuple[tuple[str, str], ...]
    """Options that change its meaning: its own expectation no longer applies."""

    def expected(self, fetch: str) -> str | None:
        """Return what the scenario expects; None if it does not say, or is not the same any more."""
        return None if self.changes else self.scenario.expected(fetch)

    def check_command(self) -> str:
        """Return what to type to check every schedule of it."""
        options = [*self.changes]
        if self.scenario.fetch != self.entry.scenario.fetch:
            options.append(("fetch-model", self.scenario.fetch))
        words = [word for name, value in options for word in (f"--{name}", value)]
        return shlex.join(["kgraft-sim", "check", self.entry.name, *words])

    def schedule(self, built: Built, choices: Iterable[Choice], loop: int = 0) -> str:
        """Return the replay string for choices made on ``built``, the last ``loop`` of which repeat for ever."""
        repeats = ((LOOP, str(loop)),) if loop else ()
        options = (*self.changes, (FETCH, built.subject.machine.config.profile.name), *repeats)
        return str(Schedule(quote(self.entry.name, safe="/._-~"), options, built.fingerprint, tuple(choices)))


def ask(
    name: str, *, cpus: int | None = None, protocol: str | None = None, model: str | None = None,
    data_model: str | None = None, fetch: str | None = None,
) -> Question:  # fmt: skip
    """Find a scenario and change it. Raises ScenarioError."""
    entry = find(name)
    found = entry.scenario
    changes: tuple[tuple[str, str], ...] = ()
    if model is not None and (other := under(found, model)) != replace(found, expect={}):
        found, changes = other, (("model", model),)
    wanted: dict[str, Any] = {"cpus": cpus, "protocol": protocol, "data_model": data_model}
    _require_sense(entry, protocol, data_model)
    current = {"cpus": found.cpus, "protocol": found.protocol_name, "data_model": found.data_model}
    changed = {key: value for key, value in wanted.items() if value is not None and value != current[key]}
    profiled = found.fetch if fetch is None else profile(fetch).name
    changes = (*changes, *((key.replace("_", "-"), str(value)) for key, value in changed.items()))
    return Question(entry, replace(found, fetch=profiled, **changed), changes)


def ask_again(schedule: Schedule) -> Question:
    """Return the question that a replay string was made for. Raises ScenarioError or ScheduleError."""
    options = dict(schedule.options)
    unknown = sorted(set(options) - {*OPTIONS})
    if unknown:
        raise ScheduleError(f"a replay string has no option {unknown[0]!r}; there are {', '.join(OPTIONS)}")
    return ask(
        unquote(schedule.scenario), cpus=_number(options), protocol=options.get("protocol"), model=options.get("model"),
        data_model=options.get("data-model"), fetch=options.get(FETCH),
    )  # fmt: skip


def loop_of(schedule: Schedule) -> int:
    """Return how many of the last choices repeat for ever. Raises ScheduleError."""
    return _number(dict(schedule.options), LOOP) or 0


def _number(options: Mapping[str, str], name: str = "cpus") -> int | None:
    text = options.get(name)
    if text is None:
        return None
    if not text.isdigit():
        raise ScheduleError(f"{name}={text} in a replay string is not a number")
    return int(text)


def _require_sense(entry: Entry, protocol: str | None, data_model: str | None) -> None:
    if protocol is not None and (entry.scenario.patchers or entry.scenario.model):
        raise ScenarioError(
            f"{entry.name} is patched by guest code ({entry.scenario.protocol_name}): --protocol does not apply to it"
        )
    if data_model is not None and data_model not in DATA_MODELS:
        raise ScenarioError(f"no data model {data_model!r}; choose one of: {', '.join(DATA_MODELS)}")
