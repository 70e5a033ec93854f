"""A choice: what can happen next, named so that it can be written down and taken again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """The kinds of transition of one vCPU; the value is its letter in a replay string."""

    EXECUTE = "x"
    """Execute the next instruction; the argument picks what was fetched (0: memory's bytes where possible)."""
    FETCH = "f"
    """Read the next granule of the instruction."""
    COMMIT = "c"
    """Make a chunk of the oldest store visible; the argument picks the chunk."""
    INTERRUPT = "i"
    """Deliver the waiting maskable interrupt."""
    NMI = "n"
    """Deliver the waiting NMI."""
    TIMER = "t"
    """The local timer expires and its interrupt is delivered."""
    ARRIVE = "a"
    """An external NMI arrives and is delivered."""
    PREFETCH = "p"
    """Read a granule ahead (literal rules); the argument is its number."""
    EVICT = "e"
    """Drop a held granule (literal rules); the argument is its number."""


class Choice(NamedTuple):
    """One transition of one vCPU."""

    cpu: int
    kind: Kind
    argument: int = 0

    def __str__(self) -> str:
        return f"{self.cpu}{self.kind.value}{self.argument or ''}"


class Repeated(NamedTuple):
    """The same choice many times over: what a burst of local steps takes."""

    choice: Choice
    times: int


Path = tuple[Choice | Repeated, ...]


def expanded(path: Iterable[Choice | Repeated]) -> Iterator[Choice]:
    """Yield the choices of a path one by one."""
    for each in path:
        if isinstance(each, Repeated):
            yield from (each.choice,) * each.times
        else:
            yield each
