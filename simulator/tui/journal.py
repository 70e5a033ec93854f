"""What happened, step by step, in words: told once for each step and kept, however often it is looked at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from simulator.explore.simulate import TraceStep
from simulator.machine.events import Committed, Delivered, Executed
from simulator.machine.memory import read_cells
from simulator.report.words import Fact, Narrator, Rank


class Replaced(NamedTuple):
    """Bytes of mutable text that a step replaced in memory."""

    number: int
    address: int
    old: bytes


class Milestone(NamedTuple):
    """The patcher begins a step of its protocol, or is done."""

    number: int
    cpu: int
    name: str


class Journal:
    """The facts of an execution, in order. ``follow`` brings it up to date; everything else only reads."""

    def __init__(self, narrator: Narrator) -> None:
        self.narrator = narrator
        self._forget()

    def _forget(self) -> None:
        self._last: tuple[int, TraceStep | None] = (0, None)
        self._said: dict[int, str] = {}
        self._handlers: dict[int, int] = {}
        self.facts: list[Fact] = []
        self.milestones: list[Milestone] = []
        self.violations: list[int] = []
        self.replaced: list[Replaced] = []

    def follow(self, steps: Sequence[TraceStep]) -> None:
        """Tell the steps that were not told yet; after a fork, everything again."""
        told, last = self._last
        if told > len(steps) or (told and steps[told - 1] is not last):
            self._forget()
            told = 0
        for step in steps[told:]:
            self._tell(step)
        self._last = (len(steps), steps[-1] if steps else None)

    def before(self, number: int) -> int:
        """Return how many facts belong to steps before ``number``."""
        return bisect_left(self.facts, number, key=lambda fact: fact.number)

    def milestone(self, number: int, cpu: int) -> Milestone | None:
        """Return the step of its protocol that a patcher is at, once step ``number`` is over."""
        upto = self.milestones[: bisect_right(self.milestones, number, key=lambda each: each.number)]
        return next((each for each in reversed(upto) if each.cpu == cpu), None)

    def _tell(self, step: TraceStep) -> None:
        cpu = step.choice.cpu
        for event in step.events:
            if isinstance(event, Delivered):
                self._handlers[cpu] = event.handler
            elif isinstance(event, Executed) and (name := entered(self.narrator, event)):
                self.milestones.append(Milestone(step.number, cpu, name))
            elif isinstance(event, Committed):
                self._remember(step, event)
        for fact in self.narrator.step(step, self._handlers.get(cpu)):
            if fact.rank is not Rank.DETAIL or self._said.get(cpu) != fact.text:
                self.facts.append(fact)
            self._said[cpu] = fact.text
        if step.findings:
            self.violations.append(step.number)

    def _remember(self, step: TraceStep, event: Committed) -> None:
        text = self.narrator.built.subject.machine.text
        if text.is_mutable(event.address, event.address + len(event.data)):
            old = read_cells(text.boot, step.before.memory, event.address, len(event.data))
            self.replaced.append(Replaced(step.number, event.address, old))


def entered(narrator: Narrator, event: Executed) -> str:
    """Return the step of the protocol that begins here; for a patcher written in C, the function; else nothing."""
    built = narrator.built
    watch, routine = built.subject.watch, built.routine
    if event.cpu not in watch.patchers:
        return ""
    if event.address == watch.done:
        return "done"
    if routine is None:
        return narrator.entry(event.address)
    return next((piece.name for piece in routine.pieces if piece.start == event.address), "")
