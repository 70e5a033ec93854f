"""Where stepping stops: predicates on the step that was just taken, the same forwards and backwards."""

from __future__ import annotations

from collections.abc import Callable, Sized

from simulator.explore.simulate import TraceStep
from simulator.machine.events import Executed
from simulator.machine.machine import Machine
from simulator.report.instructions import instructions
from simulator.report.words import Narrator
from simulator.tui.journal import entered

Stop = Callable[[TraceStep], bool]


def always(step: TraceStep) -> bool:
    """Stop after every step."""
    return True


def instruction(step: TraceStep) -> bool:
    """Stop after an instruction, and not after a store that became visible or an interrupt that was taken."""
    return any(isinstance(event, Executed) for event in step.events)


def violation(findings: Callable[[TraceStep], Sized]) -> Stop:
    """Stop where a property is violated, of which ``findings`` tells."""
    return lambda step: len(findings(step)) > 0


def visible(machine: Machine) -> Stop:
    """Stop after what another CPU could notice, or what depends on another CPU."""

    def stop(step: TraceStep) -> bool:
        moves = machine.moves(step.before.vcpus[step.choice.cpu], step.before.memory)
        return not any(move.local for move in moves if move.choice == step.choice)

    return stop


def protocol_step(narrator: Narrator) -> Stop:
    """Stop where a patcher begins a step of its protocol, or is done."""

    def stop(step: TraceStep) -> bool:
        return any(isinstance(event, Executed) and bool(entered(narrator, event)) for event in step.events)

    return stop


def of_cpu(cpu: int, stop: Stop) -> Stop:
    """Stop only after steps of one CPU."""
    return lambda step: step.choice.cpu == cpu and stop(step)


def matching(narrator: Narrator, wanted: str) -> Stop:
    """Stop where the log, the instruction, its bytes, its symbol or its source contain a text."""
    needle = wanted.casefold()
    return lambda step: any(needle in line.casefold() for line in instructions(narrator, (step,)))
