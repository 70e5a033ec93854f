"""A litmus test as data: what a file says, nothing computed from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from simulator.litmus.condition import Condition, RegisterIs, WordIs
from simulator.machine.profiles import PROFILES

TEXT_MODULUS = 1 << 16
"""Placements of sites and words are given modulo 64 KiB."""


class Verdict(StrEnum):
    """What a condition comes to under one fetch model."""

    OK = "Ok"
    """The condition holds."""
    NO = "No"
    UNDEFINED = "Undefined"
    """Some execution is undefined (the strict profile, rule R7), so there is nothing to hold."""


class Line(NamedTuple):
    """One line of assembly, and where it stands in the file (both from 1)."""

    text: str
    line: int
    column: int


Code = tuple[Line, ...]


class Place(NamedTuple):
    """Where something lies: an offset to 64 KiB (``base`` empty) or to another site."""

    base: str
    offset: int


class Word(NamedTuple):
    """Eight bytes of shared memory; without a place they have a cache line of their own."""

    name: str
    value: int
    place: Place | None = None


class Register(NamedTuple):
    """A register of a CPU before its first instruction; the value may be the name of something."""

    cpu: int
    name: str
    value: int | str


class Version(NamedTuple):
    """What may stand at a site."""

    name: str
    code: Code


class Site(NamedTuple):
    """Text that may change: its versions, the first of which memory holds, and the constant code behind it."""

    name: str
    versions: tuple[Version, ...]
    then: Code | None
    place: Place | None = None
    alias: str | None = None
    """Name of its second, writable mapping."""


class Handler(NamedTuple):
    """Code behind a gate of the IDT, on the interrupt stack ``ist`` (0: the current one)."""

    vector: int
    ist: int
    code: Code


class Routine(NamedTuple):
    """Code that the CPUs can call."""

    name: str
    code: Code


@dataclass(frozen=True, slots=True)
class Litmus:
    """A litmus test."""

    name: str
    threads: tuple[Code, ...]
    condition: Condition
    about: str = ""
    words: tuple[Word, ...] = ()
    registers: tuple[Register, ...] = ()
    sites: tuple[Site, ...] = ()
    routines: tuple[Routine, ...] = ()
    handlers: tuple[Handler, ...] = ()
    locations: tuple[RegisterIs | WordIs, ...] = ()
    """What is shown of each final state besides what the condition names; the values mean nothing."""
    expect: dict[str, Verdict] = field(default_factory=dict)
    """Letters of fetch models, or ``*`` for all others, to the verdict."""
    because: str = ""
    source: str = ""
    """Where it was read, for errors."""

    def expected(self, profile: str) -> Verdict | None:
        """Return the verdict expected under a profile (by name); None where the file does not say."""
        letter = PROFILES[profile].letter
        for letters, verdict in self.expect.items():
            if letter in letters:
                return verdict
        return self.expect.get("*")
