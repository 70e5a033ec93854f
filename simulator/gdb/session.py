"""One client's conversation: what gdb has selected and set, and what a resume comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.explore.history import Timeline
from simulator.gdb import monitor, target, threads
from simulator.gdb.monitor import Desk
from simulator.gdb.packets import console
from simulator.gdb.points import Point, Points, Type
from simulator.gdb.resume import Request
from simulator.gdb.travel import TRAP, Goal, Interrupted, Passed, Stop, backwards, forwards
from simulator.machine.state import State
from simulator.report.words import Narrator


@dataclass(slots=True)
class Session:
    """One client's conversation about one history, which outlives it."""

    narrator: Narrator
    timeline: Timeline
    replay: Callable[[], str]
    executable: str
    """Path of the ELF file with symbols."""
    say: Callable[[bytes], None]
    """Sends a packet while gdb waits for an answer."""
    interrupted: Interrupted
    acknowledged: bool = True
    """Until gdb turns it off, every packet is acknowledged."""
    desk: Desk = field(init=False)
    points: Points = field(init=False)
    armed: Points = field(init=False)
    """The points at the last resume: gdb takes them away at every stop."""
    selected: int = 0
    """The CPU whose registers are asked for (``Hg``)."""
    locked: int | None = None
    """The CPU that alone is to run (``Hc``)."""
    landed: bool = False
    """``run N`` has just jumped; gdb continues at once, which is not what was asked for."""
    passed: Passed | None = None
    """What other CPUs ran into while gdb stepped one over a breakpoint."""
    notes: list[str] = field(default_factory=list)
    """What could not be said yet."""

    def __post_init__(self) -> None:
        self.desk = Desk(self.narrator, self.timeline, self.replay)
        self.points = self.armed = Points(self.timeline.subject.machine)

    def stopped(self, stop: Stop) -> bytes:
        """Return a stop reply, and select the thread: gdb takes it for selected and does not say so."""
        self.selected = stop.cpu
        vcpu, track = self.timeline.state.vcpus[stop.cpu], self.timeline.tracks[stop.cpu]
        fields = [f"{number:x}:{target.read(vcpu, track, number)}" for number in target.EXPEDITED]
        fields += [f"thread:{threads.thread_of(stop.cpu):x}", f"core:{stop.cpu:x}"]
        if stop.hit is not None:
            value = f"{stop.hit.address:x}" if stop.hit.address is not None else ""
            fields.append(stop.hit.reason if stop.hit.reason.startswith("replaylog") else f"{stop.hit.reason}:{value}")
        return f"T{stop.signal:02x}{';'.join(fields)};".encode()

    def tell(self, text: str) -> None:
        """Make gdb print something before the stop."""
        for line in text.splitlines():
            self.say(console(f"[kgraft-sim] {line}"))

    def resume(self, request: Request) -> bytes:
        """Run, and return where it stopped."""
        self.tell("\n".join(self.notes))
        self.notes.clear()
        points, goal = self._planned(request)
        self.armed = points
        passed, self.passed = self.passed, None
        if passed is not None and not request.alone and request.back == passed.back and self._still(passed.stop):
            self.timeline.goto(passed.position)
            stop = passed.stop
        else:
            run = backwards if request.back else forwards
            stop = run(self.timeline, goal, points, self.interrupted)
            self.passed = stop.passed
        self._comment(stop)
        return self.stopped(stop)

    def _still(self, stop: Stop) -> bool:
        """Say whether what somebody ran into is still there."""
        if stop.hit is None or stop.hit.address is not None or stop.step is None:
            return True
        return any(state.vcpus[stop.cpu].rip in self.points for state in (stop.step.before, stop.step.after))

    def _planned(self, request: Request) -> tuple[Points, Goal]:
        """Return the points that count and what to run for.

        gdb steps a thread over a breakpoint alone, with that breakpoint taken away. Others may arrive there
        meanwhile, and the breakpoints that somebody sets must not change what happens; so this is no locking.
        gdb dies of a stop of another thread then, so it is told afterwards, with the history set back to it.
        """
        goal = Goal(self._cpu(request.cpu), request.step, request.low, request.high, request.alone)
        here = self.timeline.state.vcpus[goal.cpu].rip
        stepped_over = self.armed.breakpoint(here)
        if goal.alone and goal.step and stepped_over is not None and here not in self.points:
            kind = Type.SOFTWARE if stepped_over.reason == "swbreak" else Type.HARDWARE
            return self.points.set(Point(kind, here, 1)), goal._replace(alone=False, over=True)
        return self.points, goal

    def _cpu(self, cpu: int | None) -> int:
        if cpu is not None:
            return cpu
        return self.selected if self.locked is None else self.locked

    def _comment(self, stop: Stop) -> None:
        if stop.why:
            self.tell(stop.why)
        if stop.step is not None and stop.step.findings and stop.signal != TRAP:
            self.tell(f"VIOLATION: {monitor.violation(self.narrator, self.timeline, stop.step)}")
        elif stop.step is not None and stop.hit is not None and stop.hit.address is not None:
            self.tell(monitor.facts(self.narrator, stop.step))
            self.tell(monitor.origin(self.narrator, self.timeline, stop.step))

    def edit(self, state: State, what: str) -> None:
        """Put another state here, and remember to say that this forks the history."""
        lost = max(self.timeline.known, self.timeline.scheduled) - self.timeline.position
        self.timeline.edit(state, what)
        self.passed = None
        gone = f"; the {lost} steps known before are gone" if lost else ""
        self.notes.append(f"forked at #{self.timeline.position}: {what}{gone}")
