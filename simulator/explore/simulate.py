"""One execution: a scheduler, or a list of choices, drives the machine and the properties look on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simulator.errors import ScheduleMismatch
from simulator.explore.properties import Finding, Track, first_track, observe
from simulator.explore.schedulers.base import Scheduler
from simulator.explore.subject import Subject
from simulator.machine.choice import Choice
from simulator.machine.events import Event
from simulator.machine.state import State

SETTLE = 100
"""Steps per vCPU to go on after the patcher is done: enough for each to call the function again."""


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


class Moment(NamedTuple):
    """Where an execution stands: all that its next step depends on."""

    state: State
    tracks: tuple[Track, ...]
    """Of each vCPU, what the properties remember."""


def first_moment(subject: Subject) -> Moment:
    """Return where every execution begins."""
    return Moment(subject.initial, (first_track(subject.watch),) * len(subject.initial.vcpus))


def is_done(subject: Subject, moment: Moment) -> bool:
    """Say whether every patcher is done."""
    patchers = subject.watch.patchers
    return bool(patchers) and all(moment.tracks[cpu].done for cpu in patchers)


def advance(subject: Subject, moment: Moment, number: int, choice: Choice) -> tuple[TraceStep, Moment]:
    """Take one choice as step ``number``. Raises SimulatorError if it is not enabled."""
    after, events = subject.machine.apply(moment.state, choice)
    return judged(subject, moment, number, choice, after, events)


def judged(
    subject: Subject, moment: Moment, number: int, choice: Choice, after: State, events: tuple[Event, ...]
) -> tuple[TraceStep, Moment]:
    """Return a choice that led to ``after`` as step ``number``, with what the properties make of it."""
    before, done, cpu = moment.state, is_done(subject, moment), choice.cpu
    seen = observe(subject.watch, moment.tracks[cpu], after.vcpus[cpu].rip, events)
    tracks = moment.tracks
    if seen.track != tracks[cpu]:
        tracks = (*tracks[:cpu], seen.track, *tracks[cpu + 1 :])
    findings = (*seen.findings, *(seen.stale if done else ()))
    return TraceStep(number, choice, events, before, after, findings, done), Moment(after, tracks)


class Execution:
    """An execution in progress. Steps are taken one by one; nothing else changes."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.steps, self._moment = subject, 0, first_moment(subject)

    @property
    def state(self) -> State:
        """Where it stands."""
        return self._moment.state

    @property
    def done(self) -> bool:
        """Whether every patcher is done."""
        return is_done(self.subject, self._moment)

    def enabled(self) -> tuple[Choice, ...]:
        """Return what can happen next."""
        return self.subject.machine.choices(self.state)

    def take(self, choice: Choice) -> TraceStep:
        """Take one enabled choice."""
        step, self._moment = advance(self.subject, self._moment, self.steps + 1, choice)
        self.steps += 1
        return step


def run(subject: Subject, scheduler: Scheduler, limit: int, settle: int) -> Iterator[TraceStep]:
    """Run until a violation, the end of all choices, ``settle`` steps after done, or ``limit`` steps."""
    execution, after_done = Execution(subject), 0
    while execution.steps < limit and after_done < settle:
        enabled = execution.enabled()
        if not enabled:
            return
        step = execution.take(scheduler.choose(execution.steps, enabled, execution.state))
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
