"""One execution: a scheduler, or a list of choices, drives the machine and the properties look on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.errors import ScheduleMismatch
from simulator.explore.properties import Finding, Track, first_track, observe
from simulator.explore.schedulers.base import Scheduler
from simulator.explore.subject import Subject
from simulator.machine.choice import Choice
from simulator.machine.events import Event
from simulator.machine.state import State


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One transition of an execution, with the state it led to."""

    number: int
    choice: Choice
    events: tuple[Event, ...]
    before: State
    after: State
    findings: tuple[Finding, ...]
    done: bool
    """Whether every patcher was done before this step."""


class Execution:
    """An execution in progress. Steps are taken one by one; nothing else changes."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.state = subject, subject.initial
        self._tracks: list[Track] = [first_track(subject.watch) for _ in subject.initial.vcpus]
        self.steps = 0

    @property
    def done(self) -> bool:
        """Whether every patcher is done."""
        patchers = self.subject.watch.patchers
        return bool(patchers) and all(self._tracks[cpu].done for cpu in patchers)

    def enabled(self) -> tuple[Choice, ...]:
        """Return what can happen next."""
        return self.subject.machine.choices(self.state)

    def take(self, choice: Choice) -> TraceStep:
        """Take one enabled choice."""
        before, done = self.state, self.done
        after, events = self.subject.machine.apply(before, choice)
        seen = observe(self.subject.watch, self._tracks[choice.cpu], after.vcpus[choice.cpu].rip, events)
        self._tracks[choice.cpu] = seen.track
        self.state, self.steps = after, self.steps + 1
        findings = (*seen.findings, *(seen.stale if done else ()))
        return TraceStep(self.steps, choice, events, before, after, findings, done)


def run(subject: Subject, scheduler: Scheduler, limit: int, settle: int) -> Iterator[TraceStep]:
    """Run until a violation, the end of all choices, ``settle`` steps after done, or ``limit`` steps."""
    execution, after_done = Execution(subject), 0
    while execution.steps < limit and after_done < settle:
        enabled = execution.enabled()
        if not enabled:
            return
        step = execution.take(scheduler.choose(execution.steps, enabled))
        yield step
        if step.findings:
            return
        after_done += execution.done


def replay(subject: Subject, choices: Sequence[Choice]) -> Iterator[TraceStep]:
    """Take the given choices one after another. Raises ScheduleMismatch where one is not enabled."""
    execution = Execution(subject)
    for number, choice in enumerate(choices, 1):
        enabled = execution.enabled()
        if choice not in enabled:
            there_were = ", ".join(str(each) for each in enabled) or "none at all"
            raise ScheduleMismatch(f"step #{number} of the replay is {choice}, but the choices were: {there_were}")
        yield execution.take(choice)
