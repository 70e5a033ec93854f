"""Moving in a history as a person does: to the next stop, back to the one before, to a place, by a choice.

A move that may take long is a generator: it yields now and then, so that the caller can draw or give up, and
its value says in words where it ended. Every ``yield`` leaves the session in order. A move that finds no stop
returns to where it began; what it saw on the way stays known.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from simulator.errors import SimulatorError
from simulator.explore.history import Timeline
from simulator.explore.properties import Finding
from simulator.explore.simulate import SETTLE, TraceStep
from simulator.machine.choice import Choice
from simulator.report.options import options
from simulator.report.words import Narrator
from simulator.tui.journal import Journal
from simulator.tui.scene import ANY, Scene
from simulator.tui.stops import Stop

Move = Generator[None, None, str]

LIMIT = 20_000
"""Steps that are not known yet after which the search for a stop gives up."""
_BREATH = 500
"""Steps between two yields."""


class Session:
    """One person's walk through one history."""

    def __init__(
        self, name: str, narrator: Narrator, timeline: Timeline, replay: Callable[[], str],
        ending: Finding | None = None, limit: int = LIMIT,
    ) -> None:  # fmt: skip
        self.name, self.narrator, self.timeline, self.limit = name, narrator, timeline, limit
        self._ending = (timeline.scheduled, ending)
        """What is wrong with where the schedule ends, if its last step does not say."""
        self.replay = replay
        """Returns the replay string that leads to the position."""
        self._journal = Journal(narrator)

    def findings(self, step: TraceStep) -> tuple[Finding, ...]:
        """Return what is wrong behind a step of the history."""
        number, ending = self._ending
        whole = self.timeline.scheduled == number == step.number
        return step.findings if ending is None or not whole else (*step.findings, ending)

    def scene(self, followed: int | None = ANY, selected: int = 0) -> Scene:
        """Return what is to be seen here."""
        timeline, machine = self.timeline, self.timeline.subject.machine
        self._journal.follow(timeline.steps)
        last = timeline.last
        return Scene(
            self.name, self.narrator, self._journal, timeline.state, timeline.position, timeline.steps,
            timeline.scheduled, timeline.done, self.findings(last) if last is not None else (),
            options(self.narrator, machine, timeline.state), timeline.ahead, followed, selected,
        )  # fmt: skip

    def choose(self, choice: Choice) -> str:
        """Take a choice; return what became of the future that was known."""
        timeline = self.timeline
        forks = timeline.ahead not in (None, choice)
        dropped = max(timeline.known, timeline.scheduled) - timeline.position
        step = timeline.take(choice)
        return f"forked at #{step.number}: {dropped} steps that lay ahead are gone" if forks else ""

    def forward(self, stop: Stop, wanted: str) -> Move:
        """Go on until a step that ``stop`` accepts; ``wanted`` names it."""
        timeline = self.timeline
        start, settled, why = timeline.position, 0, "nothing can happen any more"
        known = max(timeline.known, timeline.scheduled)
        settle = SETTLE * len(timeline.state.vcpus)
        while (step := timeline.forward()) is not None:
            if stop(step):
                return ""
            settled += step.done and timeline.position > known
            if timeline.position >= known + self.limit or settled >= settle:
                why = "the patcher is done" if settled >= settle else f"{self.limit:,} steps beyond what was known"
                break
            if timeline.position % _BREATH == 0:
                yield
        end = timeline.position
        timeline.goto(start)
        return f"no {wanted} between #{start} and #{end} on this schedule ({why})"

    def back(self, stop: Stop, wanted: str) -> Move:
        """Go back until behind a step that ``stop`` accepts, or to the beginning."""
        start = self.timeline.position
        while self.timeline.back():
            last = self.timeline.last
            if last is None:
                return f"the beginning: no {wanted} before #{start}"
            if stop(last):
                return ""
            if self.timeline.position % _BREATH == 0:
                yield
        return "the beginning"

    def goto(self, position: int) -> Move:
        """Go to a position, through steps not known yet if need be."""
        if position < 0:
            raise SimulatorError("steps count from 0, the beginning")
        if position > max(self.timeline.known, self.timeline.scheduled) + self.limit:
            raise SimulatorError(f"#{position} is more than {self.limit:,} steps beyond what is known")
        self.timeline.goto(min(position, self.timeline.known))
        while self.timeline.position < position:
            if self.timeline.forward() is None:
                return f"nothing can happen after #{self.timeline.position}"
            if self.timeline.position % _BREATH == 0:
                yield
        return ""
