"""A violating schedule made shorter: fewer choices first, then fewer context switches.

First what a vCPU does between two moments at which it is in the same state goes: it waited in a loop. Then, after
Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (TSE 2002), chunks of the choices are left
out, and halved while nothing can go. What is left is replayed *leniently*: a choice that is not enabled any more is
skipped. What counts is what was really taken, so the result always replays exactly; it must end in a finding of the
same property and kind as before, at its last step and not before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from simulator.errors import ScheduleError
from simulator.explore.properties import Finding
from simulator.explore.remembered import remembering
from simulator.explore.simulate import Moment, advance, first_moment
from simulator.explore.subject import Subject
from simulator.machine.choice import Choice

Choices = tuple[Choice, ...]
Kind = tuple[str, str]
"""What two violations of one kind have in common: the property and the kind."""


class _Taken(NamedTuple):
    """What was taken of some choices, where the execution stood before each, and what it ended in."""

    choices: Choices
    trail: list[Moment]
    kind: Kind


def shrink(subject: Subject, choices: Sequence[Choice]) -> Choices:
    """Return a schedule of at most as many choices that ends in the same property and kind. Deterministic.

    Raises ScheduleError if ``choices`` do not end in a finding.
    """
    shrinker = _Shrinker(remembering(subject), choices)
    before: Choices = ()
    while before != shrinker.best:
        before = shrinker.best
        shrinker.unwind()
        shrinker.settle()
        shrinker.drop()
    return shrinker.best


def switches(choices: Sequence[Choice]) -> int:
    """Return how often another vCPU goes on than the one before."""
    return sum(one.cpu != other.cpu for one, other in pairwise(choices))


class _Shrinker:
    """The best schedule so far, and where its execution stands before each of its choices."""

    def __init__(self, subject: Subject, choices: Sequence[Choice]) -> None:
        self._subject = subject
        found = _follow(subject, first_moment(subject), choices)
        if found is None:
            raise ScheduleError("there is nothing to shrink: the schedule does not end in a violation")
        self.best, self._trail, self._kind = found

    def unwind(self) -> None:
        """Leave out what a vCPU does between two moments at which it is in the same state."""
        for cpu in sorted({choice.cpu for choice in self.best}):
            start = 0
            while start < len(self.best):
                again = self._returns(cpu, start)
                dropped = (self._without(cpu, start, end) for end in reversed(again))
                if not any(self._try(start, rest, shorter=True) for rest in dropped):
                    start += 1

    def _returns(self, cpu: int, start: int) -> list[int]:
        """Return the first and the last moment at which a vCPU that steps at ``start`` is as it was there."""
        if self.best[start].cpu != cpu:
            return []
        here = self._trail[start].state.vcpus[cpu]
        found = [end for end in range(start + 1, len(self.best)) if self._trail[end].state.vcpus[cpu] == here]
        return sorted({*found[:1], *found[-1:]})

    def _without(self, cpu: int, start: int, end: int) -> Choices:
        return (*(choice for choice in self.best[start:end] if choice.cpu != cpu), *self.best[end:])

    def drop(self) -> None:
        """Leave out chunks until no single choice can go."""
        size = max(len(self.best) // 2, 1)
        while True:
            progress, start = False, 0
            while start < len(self.best):
                if self._try(start, self.best[start + size :], shorter=True):
                    progress = True
                else:
                    start += size
            if size == 1 and not progress:
                return
            size = max(size // 2, 1) if not progress else min(size, max(len(self.best) // 2, 1))

    def settle(self) -> None:
        """Take one vCPU's choices together where that changes nothing: fewer context switches."""
        while any(self._try(start, rest, shorter=False) for start, rest in self._joined()):
            pass

    def _joined(self) -> Iterator[tuple[int, Choices]]:
        """Yield the schedule with one block of choices moved next to the last one of the same vCPU."""
        blocks = _blocks(self.best)
        for number, (start, end) in enumerate(blocks):
            cpu = self.best[start].cpu
            earlier = [block for block in blocks[:number] if self.best[block[0]].cpu == cpu]
            if earlier:
                to = earlier[-1][1]
                yield to, (*self.best[start:end], *self.best[to:start], *self.best[end:])
                back = earlier[-1][0]
                yield back, (*self.best[to:start], *self.best[back:to], *self.best[start:])

    def _try(self, start: int, rest: Sequence[Choice], *, shorter: bool) -> bool:
        """Keep the first ``start`` choices and go on with ``rest``; adopt what comes out if it is better."""
        found = _follow(self._subject, self._trail[start], rest)
        if found is None or found.kind != self._kind:
            return False
        taken = (*self.best[:start], *found.choices)
        fewer = len(taken) < len(self.best)
        if not fewer and (shorter or len(taken) > len(self.best) or switches(taken) >= switches(self.best)):
            return False
        self.best, self._trail = taken, [*self._trail[:start], *found.trail]
        return True


def kind_of(finding: Finding) -> Kind:
    """Return what two violations of the same kind have in common."""
    return finding.property, finding.kind


def _follow(subject: Subject, moment: Moment, choices: Sequence[Choice]) -> _Taken | None:
    """Take what is enabled of ``choices``, up to the first violation; None if there is none."""
    taken: list[Choice] = []
    trail: list[Moment] = []
    moves = subject.machine.moves
    for choice in choices:
        state = moment.state
        if all(move.choice != choice for move in moves(state.vcpus[choice.cpu], state.memory)):
            continue
        trail.append(moment)
        taken.append(choice)
        step, moment = advance(subject, moment, len(taken), choice)
        if step.findings:
            return _Taken(tuple(taken), trail, kind_of(step.findings[0]))
    return None


def _blocks(choices: Sequence[Choice]) -> list[tuple[int, int]]:
    """Return the ranges in which one vCPU goes on alone."""
    edges = [number for number in range(1, len(choices)) if choices[number].cpu != choices[number - 1].cpu]
    return list(pairwise((0, *edges, len(choices)))) if choices else []
