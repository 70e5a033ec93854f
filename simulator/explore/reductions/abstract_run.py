"""An abstract run of one CPU's code along every path: which places does it look at?

Each register and each word of private memory starts as a token for what it holds. A token may be copied (PUSH, POP,
MOV) and overwritten; a place whose token is used before that is live (``abstract_places.py``, ``abstract_step.py``).
"""

from __future__ import annotations

from typing import NamedTuple

from simulator.explore.reductions.abstract_places import FLAGS, Code, Lost, Places, Token, Value
from simulator.explore.reductions.abstract_step import Situation, follow
from simulator.machine.machine import Machine
from simulator.machine.vcpu import RSP, VCpu
from simulator.x86.registers import GENERAL

LONGEST = 4_000
"""Abstract steps after which everything is taken to be live."""


class Answer(NamedTuple):
    """What is live, for every vCPU whose ``demanded`` places hold the given values."""

    demanded: tuple[tuple[int, int], ...]
    live: frozenset[int]
    everything: bool
    steps: int
    """Instructions that were taken."""


def run(machine: Machine, vcpu: VCpu, code: Code) -> Answer:
    """Return what a vCPU looks at from where it stands."""
    registers: list[Value] = [Token(place) for place in range(len(GENERAL))]
    registers[RSP] = vcpu.general[RSP]
    places = Places(machine, vcpu, code)
    pending = [Situation(vcpu.rip, tuple(registers), Token(FLAGS), ())]
    seen, total = set(pending), 0
    try:
        while pending:
            here = pending.pop()
            for instruction in code.instructions(here.rip):
                after, steps = follow(places, here, instruction, code)
                total += steps
                new = [each for each in after if each not in seen]
                seen.update(new)
                pending += new
            if total > LONGEST:
                raise Lost
    except Lost:
        return Answer((), frozenset(), everything=True, steps=total)
    return Answer(tuple(sorted(places.demanded.items())), frozenset(places.live), everything=False, steps=total)
