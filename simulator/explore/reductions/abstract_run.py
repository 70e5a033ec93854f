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
    seen = set(pending)
    try:
        while pending:
            here = pending.pop()
            for instruction in code.instructions(here.rip):
                for after in follow(places, here, instruction, code):
                    if after not in seen:
                        seen.add(after)
                        pending.append(after)
    except Lost:
        return Answer((), frozenset(), everything=True, steps=places.counted)
    live = frozenset(places.live)
    return Answer(tuple(sorted(places.demanded.items())), live, everything=False, steps=places.counted)
