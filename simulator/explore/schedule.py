"""Replay strings: a schedule as text that a person can read and any front end accepts.

::

    kg1:basic+cpus=2+fetch=stale8:9f3c1a20:0x*12,1x*3,0c,1i,1x2

Version, scenario with its options, fingerprint of everything the schedule was made for, and the choices in
order: CPU number, the letter of the kind (x execute, f fetch a granule, c commit a store, i interrupt, n NMI,
t timer, a external NMI, p read ahead, e evict), an argument where it is not 0, and ``*n`` for n times the same.
White space is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from simulator.errors import ScheduleError
from simulator.machine.choice import Choice, Kind

VERSION = "kg1"
_STEP = re.compile(r"([0-9]{1,3})([a-z])([0-9]{1,6})?(?:\*([0-9]{1,7}))?")
_OPTION = re.compile(r"[a-z-]+=[A-Za-z0-9_.,:/+-]*")
LONGEST = 5_000_000
"""Choices a replay string may expand to."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A list of choices, and what they are choices of."""

    scenario: str
    options: tuple[tuple[str, str], ...]
    fingerprint: str
    choices: tuple[Choice, ...]

    def __str__(self) -> str:
        head = "+".join((self.scenario, *(f"{name}={value}" for name, value in self.options)))
        return f"{VERSION}:{head}:{self.fingerprint}:{format_choices(self.choices)}"


def format_choices(choices: Iterable[Choice]) -> str:
    """Return choices in run-length form."""
    runs = []
    for choice, group in groupby(choices):
        count = sum(1 for _ in group)
        runs.append(f"{choice}*{count}" if count > 1 else str(choice))
    return ",".join(runs)


def parse(text: str) -> Schedule:
    """Read a replay string. Raises ScheduleError that says what is wrong and where."""
    parts = "".join(text.split()).rsplit(":", 2)
    version, _, head = parts[0].partition(":")
    if len(parts) != 3 or not head:
        raise ScheduleError(
            f"not a replay string: {_short(text)!r}; it looks like {VERSION}:SCENARIO+cpus=2:FINGERPRINT:0x*3,1i"
        )
    if version != VERSION:
        raise ScheduleError(f"replay string of version {version!r}; this program reads {VERSION}")
    scenario, *options = head.split("+")
    pairs = []
    for option in options:
        if not _OPTION.fullmatch(option):
            raise ScheduleError(f"option {option!r} of a replay string must be NAME=VALUE")
        name, _, value = option.partition("=")
        pairs.append((name, value))
    return Schedule(scenario, tuple(pairs), parts[1], parse_choices(parts[2]))


def parse_choices(text: str) -> tuple[Choice, ...]:
    """Read the run-length form of choices. Raises ScheduleError that names the step."""
    choices: list[Choice] = []
    for number, step in enumerate(filter(None, text.split(",")), 1):
        match = _STEP.fullmatch(step)
        if match is None:
            raise ScheduleError(f"step {number} of a replay string, {_short(step)!r}, is not like 1x, 0c2 or 1x*12")
        cpu, kind, argument, count = match.groups()
        try:
            choice = Choice(int(cpu), Kind(kind), int(argument or 0))
        except ValueError:
            letters = " ".join(each.value for each in Kind)
            raise ScheduleError(f"step {number}, {step!r}: no choice of kind {kind!r}; there are {letters}") from None
        if len(choices) + int(count or 1) > LONGEST:
            raise ScheduleError(f"step {number}: more than {LONGEST:,} choices in a replay string")
        choices.extend([choice] * int(count or 1))
    return tuple(choices)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
