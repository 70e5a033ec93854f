"""Running along a history, either way, until something stops it.

While there is a schedule, or a past to walk through again, a resume packet chooses where to stop and never what
happens. Only where nothing lies ahead does it matter which CPUs gdb wants to run: with scheduler locking the others
stand still.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from simulator.explore.history import Timeline
from simulator.explore.schedulers.base import usual
from simulator.explore.simulate import TraceStep
from simulator.gdb.points import STEPS, Hit, Points
from simulator.machine.state import State

INTERRUPT, TRAP, ABORT = 2, 5, 6
"""Signals as gdb numbers them."""
BEGIN, END = Hit("replaylog:begin"), Hit("replaylog:end")
_BREATH = 200
"""Transitions between two looks at the connection."""


class Goal(NamedTuple):
    """What a resume packet asks for."""

    cpu: int
    """The CPU it is about."""
    step: bool = False
    """Stop behind the CPU's next step ..."""
    low: int = 0
    high: int = 0
    """... that leads out of ``[low, high)``."""
    alone: bool = False
    """Scheduler locking: breakpoints of other CPUs do not count."""
    over: bool = False
    """gdb steps the CPU over a breakpoint: it must not hear of other CPUs before that is done."""
    new: int = 100_000
    """Give up after so many transitions that were not known before."""


class Stop(NamedTuple):
    """Why a run ended."""

    signal: int
    cpu: int
    hit: Hit | None = None
    step: TraceStep | None = None
    """The transition that did it, taken or undone."""
    why: str = ""
    """What gdb has no way to say."""
    passed: Passed | None = None
    """What another CPU ran into while gdb was not to hear of it."""


class Passed(NamedTuple):
    """A stop that was not made, and where."""

    position: int
    back: bool
    stop: Stop


Interrupted = Callable[[], bool]
"""Says whether the person at the other end wants no more."""


def forwards(timeline: Timeline, goal: Goal, points: Points, interrupted: Interrupted) -> Stop:
    """Run forwards. Raises ScheduleMismatch where the schedule was made for something else."""
    known, ticks, passed = timeline.known, 0, None
    while True:
        ticks += 1
        if ticks % _BREATH == 0 and interrupted():
            return Stop(INTERRUPT, goal.cpu)
        if timeline.known - known >= goal.new:
            return Stop(TRAP, goal.cpu, why=f"{goal.new:,} transitions and nothing stopped them; continue goes on")
        step = _next(timeline, goal)
        if step is None:
            alone = goal.alone and timeline.enabled()
            why = f"vCPU{goal.cpu} can do nothing here, and the others are locked" if alone else "nothing can happen"
            return Stop(TRAP, goal.cpu, END, why=why)
        stop = _after(step, goal, points)
        if stop is not None and goal.over and stop.cpu != goal.cpu:
            passed = passed or Passed(timeline.position, False, stop)
        elif stop is not None:
            return stop._replace(passed=passed)
        if timeline.position == timeline.scheduled:
            why = "the schedule ends here; from here on the CPUs take turns"
            return Stop(TRAP, goal.cpu, END, step, why, passed)


def backwards(timeline: Timeline, goal: Goal, points: Points, interrupted: Interrupted) -> Stop:
    """Run backwards; at the latest to the beginning."""
    ticks, passed = 0, None
    while (step := timeline.last) is not None:
        ticks += 1
        if ticks % _BREATH == 0 and interrupted():
            return Stop(INTERRUPT, goal.cpu)
        timeline.back()
        stop = _before(step, goal, points)
        if stop is not None and goal.over and stop.cpu != goal.cpu:
            passed = passed or Passed(timeline.position, True, stop)
        elif stop is not None:
            return stop._replace(passed=passed)
    return Stop(TRAP, goal.cpu, BEGIN, passed=passed)


def _next(timeline: Timeline, goal: Goal) -> TraceStep | None:
    if not goal.alone or timeline.ahead is not None:
        return timeline.forward()
    state = timeline.state
    own = tuple(move.choice for move in timeline.subject.machine.moves(state.vcpus[goal.cpu], state.memory))
    return timeline.take(usual(own)) if own else None


def _after(step: TraceStep, goal: Goal, points: Points) -> Stop | None:
    cpu = step.choice.cpu
    if step.findings:
        return Stop(ABORT, cpu, None, step)
    hit = points.forwards(step)
    if hit is not None and _counts(hit, cpu, goal):
        return Stop(TRAP, cpu, hit, step)
    return Stop(TRAP, cpu, None, step) if _ends(goal, step, step.after) else None


def _before(step: TraceStep, goal: Goal, points: Points) -> Stop | None:
    cpu = step.choice.cpu
    hit = points.backwards(step)
    if hit is not None and _counts(hit, cpu, goal):
        return Stop(TRAP, cpu, hit, step)
    return Stop(TRAP, cpu, None, step) if _ends(goal, step, step.before) else None


def _ends(goal: Goal, step: TraceStep, end: State) -> bool:
    """Say whether a transition that leads to ``end`` is the step that was asked for."""
    cpu = step.choice.cpu
    wanted = goal.step and cpu == goal.cpu and step.choice.kind in STEPS
    return wanted and not goal.low <= end.vcpus[cpu].rip < goal.high


def _counts(hit: Hit, cpu: int, goal: Goal) -> bool:
    return not goal.alone or cpu == goal.cpu or hit.address is not None
