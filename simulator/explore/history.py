"""An execution that a person walks through: forwards, backwards, and off the beaten track.

States are immutable values that share what did not change, so the past is kept as it was: stepping back is the
previous state, not a second execution. What lies ahead was either seen before, or is the next choice of the
schedule that was given, or that of a scheduler. Whoever takes another choice or changes a state drops what lies
ahead: the history *forks*.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulator.errors import ScheduleMismatch, SimulatorError
from simulator.explore.properties import Finding, Track
from simulator.explore.schedulers.base import Scheduler, usual
from simulator.explore.simulate import Moment, TraceStep, advance, first_moment, is_done, judged
from simulator.explore.subject import Subject
from simulator.machine.choice import Choice
from simulator.machine.state import State


class _Point(NamedTuple):
    """What is known at one position."""

    moment: Moment
    findings: tuple[Finding, ...] = ()
    edits: tuple[str, ...] = ()


class Timeline:
    """Steps 1, 2, ... of one execution, and a position among them: so many steps are in the past.

    ``schedule`` is taken first; behind its end, and after a fork, ``scheduler`` goes on, without one the vCPUs
    take turns. A scheduler is asked once for each step: walking back and forth does not ask it again.
    """

    def __init__(self, subject: Subject, schedule: Sequence[Choice] = (), scheduler: Scheduler | None = None) -> None:
        self.subject, self.position = subject, 0
        self.forked_at: int | None = None
        """Where a choice or an edit last dropped what lay ahead, the rest of the schedule included."""
        self._schedule, self._scheduler = tuple(schedule), scheduler
        self._steps: list[TraceStep] = []
        self._points = [_Point(first_moment(subject))]
        self._shown: tuple[TraceStep, ...] = ()

    # where it stands -------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The state here."""
        return self._point.moment.state

    @property
    def tracks(self) -> tuple[Track, ...]:
        """What the properties remember of each vCPU, here."""
        return self._point.moment.tracks

    @property
    def done(self) -> bool:
        """Whether every patcher is done, here."""
        return is_done(self.subject, self._point.moment)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The violations so far, those of the last step at the end."""
        return self._point.findings

    @property
    def ahead(self) -> Choice | None:
        """The choice that ``forward`` takes next where that is known already: by the past, or by the schedule."""
        return self._ahead()

    @property
    def edits(self) -> tuple[str, ...]:
        """What a person changed on the way here, in words; if anything, choices alone do not lead here."""
        return self._point.edits

    @property
    def last(self) -> TraceStep | None:
        """The step that led here."""
        return self._steps[self.position - 1] if self.position else None

    @property
    def steps(self) -> tuple[TraceStep, ...]:
        """Every step that is known, those ahead of the position included."""
        if len(self._shown) != len(self._steps) or (self._steps and self._shown[-1] is not self._steps[-1]):
            self._shown = tuple(self._steps)
        return self._shown

    @property
    def known(self) -> int:
        """How many steps are known."""
        return len(self._steps)

    @property
    def scheduled(self) -> int:
        """Where the given schedule ends; 0 where there is none, or none any more."""
        return len(self._schedule)

    def step(self, number: int) -> TraceStep:
        """Return a known step by its number, which counts from 1."""
        if not 1 <= number <= len(self._steps):
            raise SimulatorError(f"there is no step #{number}; known are {len(self._steps)}")
        return self._steps[number - 1]

    def choices(self) -> tuple[Choice, ...]:
        """Return the choices that lead here."""
        return tuple(step.choice for step in self._steps[: self.position])

    def enabled(self) -> tuple[Choice, ...]:
        """Return what can happen next."""
        return self.subject.machine.choices(self.state)

    # moving ----------------------------------------------------------------------------------------------

    def take(self, choice: Choice) -> TraceStep:
        """Take a choice. If another one was taken here before, what lay ahead is dropped.

        Raises SimulatorError, and changes nothing, if it is not enabled.
        """
        if self.position < len(self._steps) and self._steps[self.position].choice == choice:
            self.position += 1
            return self._steps[self.position - 1]
        taken = advance(self.subject, self._point.moment, self.position + 1, choice)
        if self._ahead() not in (None, choice):
            self._drop()
        return self._append(*taken)

    def forward(self) -> TraceStep | None:
        """Take the step that lies ahead: known, scheduled, or the scheduler's; None where nothing can happen.

        Raises ScheduleMismatch where the choice of the schedule is not enabled.
        """
        ahead = self._ahead()
        if ahead is not None and self.position < len(self._steps):
            return self.take(ahead)
        if ahead is None:
            return self._in_turn() if self._scheduler is None else self._scheduled(self._scheduler)
        enabled = self.enabled()
        if ahead not in enabled:
            there_were = ", ".join(str(each) for each in enabled) or "none at all"
            raise ScheduleMismatch(
                f"step #{self.position + 1} of the replay is {ahead}, but the choices were: {there_were}"
            )
        return self.take(ahead)

    def back(self) -> bool:
        """Go back one step; False at the beginning."""
        self.position -= (moved := self.position > 0)
        return moved

    def goto(self, position: int) -> int:
        """Go to a position, through steps not yet known if need be; return where that ended."""
        self.position = max(min(position, len(self._steps)), 0)
        while self.position < position and self.forward() is not None:
            pass
        return self.position

    def edit(self, state: State, what: str) -> None:
        """Put another state here; what lay ahead is dropped. ``what`` says what was changed."""
        if state == self.state:
            return
        self._drop()
        point = self._point
        self._points[self.position] = point._replace(
            moment=point.moment._replace(state=state), edits=(*point.edits, what)
        )

    # inside ----------------------------------------------------------------------------------------------

    @property
    def _point(self) -> _Point:
        return self._points[self.position]

    def _ahead(self) -> Choice | None:
        if self.position < len(self._steps):
            return self._steps[self.position].choice
        return self._schedule[self.position] if self.position < len(self._schedule) else None

    def _drop(self) -> None:
        if self._ahead() is not None:
            self.forked_at = self.position
        self._schedule = self._schedule[: self.position]
        del self._steps[self.position :], self._points[self.position + 1 :]

    def _append(self, step: TraceStep, moment: Moment) -> TraceStep:
        point = self._point
        self._steps.append(step)
        self._points.append(_Point(moment, (*point.findings, *step.findings), point.edits))
        self.position += 1
        return step

    def _scheduled(self, scheduler: Scheduler) -> TraceStep | None:
        enabled = self.enabled()
        return self.take(scheduler.choose(self.position, enabled, self.state)) if enabled else None

    def _in_turn(self) -> TraceStep | None:
        """Take what the next vCPU usually does; its moves are computed once, which is what steps cost."""
        subject, state, moment = self.subject, self.state, self._point.moment
        first = self.last.choice.cpu + 1 if self.last is not None else 0
        for turn in range(first, first + len(state.vcpus)):
            moves = subject.machine.moves(state.vcpus[turn % len(state.vcpus)], state.memory)
            if moves:
                choice = usual([move.choice for move in moves])
                move = next(move for move in moves if move.choice == choice)
                after = subject.machine.result(state, move)
                return self._append(*judged(subject, moment, self.position + 1, choice, after, move.events))
        return None
