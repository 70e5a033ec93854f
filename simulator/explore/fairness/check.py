"""Liveness under fairness: can a patcher be kept waiting for ever although everyone else runs?

``AG EF done`` says that done can always still be reached; here it must *be* reached, on every schedule that is
fair. The actions of a vCPU are that it executes (or fetches), that it commits a pending store, and, for each
vector, that a waiting interrupt or NMI is delivered. Executing and committing are weakly fair: what could happen
all the time once does. Delivery is strongly fair: an interrupt that may be delivered again and again is delivered.
A real CPU takes what waits at the first boundary where it may; here the time an IPI is under way is part of the
delivery, so weak fairness of the wire is strong fairness of this step. Timers and external NMIs need never come.

A counterexample is a lasso: a schedule to a state where some patcher is not done, and a fair cycle through that
state. The search keeps CPUs apart, because fairness is about each of them, and keeps what they cannot look at any
more, so that the cycle closes exactly. Local steps are merged: they commute with the steps of all others, so no
fair cycle is lost; those of a CPU that computes for ever are taken one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulator.explore.checker import Options, check
from simulator.explore.fairness.actions import Actions
from simulator.explore.fairness.cycles import Edge, owed
from simulator.explore.fairness.search import FairSearch, waits
from simulator.explore.properties import FAIR_PROGRESS, Finding
from simulator.explore.simulate import TraceStep
from simulator.explore.subject import Subject
from simulator.explore.verdict import Outcome, Verdict
from simulator.machine.events import Executed
from simulator.machine.machine import Machine

PLAIN = Options()


def check_with_fairness(subject: Subject, options: Options = PLAIN, *, fair: bool = False) -> Verdict:
    """Check every schedule; then, if ``fair`` or the subject asks for it, whether every fair one gets to done."""
    verdict = check(subject, options)
    asked = fair or FAIR_PROGRESS in subject.watch.properties
    return check_fair(subject, options) if asked and verdict.outcome is Outcome.SAFE else verdict


def check_fair(subject: Subject, options: Options = PLAIN, *, prompt: bool = True) -> Verdict:
    """Look for a fair cycle on which some patcher is never done; SAFE if there is none.

    What violates another property is not followed: ask ``check`` first. ``prompt=False`` makes deliveries weakly
    fair like everything else: an interrupt may then miss each moment at which its CPU would take it.
    """
    search = FairSearch(subject, options, Actions(prompt=prompt))
    try:
        stopped = search.explore()
    except KeyboardInterrupt:
        stopped = "Ctrl-C"
    return search.verdict(stopped)


def kept_waiting(subject: Subject, steps: Sequence[TraceStep], loop: int) -> Finding | None:
    """Return the finding if the last ``loop`` steps of an execution are a fair cycle without done; else None."""
    turn = steps[len(steps) - loop :]
    if not 0 < loop <= len(steps) or turn[-1].done or turn[0].before != turn[-1].after:
        return None
    actions = Actions(prompt=True)
    edges = [_literal_edge(subject.machine, actions, step) for step in turn]
    return None if owed(edges, actions.weak, actions.strong) else waits(_undone(subject, steps))


def _literal_edge(machine: Machine, actions: Actions, step: TraceStep) -> Edge:
    enabled = 0
    for vcpu in step.before.vcpus:
        for move in machine.moves(vcpu, step.before.memory):
            enabled |= actions.taken(machine, vcpu, move.choice)
    return Edge(0, actions.taken(machine, step.before.vcpus[step.choice.cpu], step.choice), enabled, enabled)


def _undone(subject: Subject, steps: Sequence[TraceStep]) -> int:
    """Return the first patcher that does not get to its end."""
    executed = (event for step in steps for event in step.events if isinstance(event, Executed))
    return min(subject.watch.patchers - {event.cpu for event in executed if event.address == subject.watch.done})
