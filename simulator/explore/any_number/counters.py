"""Words that CPUs only count in: what a step may do with them, asked for one value after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulator.explore.space import Macro, Space
from simulator.machine.choice import Kind, expanded
from simulator.machine.machine import Machine
from simulator.machine.memory import Cells, write_cells
from simulator.machine.vcpu import VCpu

PROBES = 24
"""Values of a counter for which a step is asked for."""

_COUNTING = frozenset({"inc", "dec", "add", "sub"})


class Counter(NamedTuple):
    """Bytes of shared memory in which CPUs count."""

    address: int
    size: int


class NotProven(Exception):
    """The rule does not apply."""


def counted(machine: Machine, vcpu: VCpu, macro: Macro) -> Counter | None:
    """Return the counter that a step counts in: LOCK INC and the like of an address in the instruction."""
    instruction = machine.instruction(vcpu.rip)
    if instruction is None or not instruction.locked or instruction.mnemonic not in _COUNTING:
        return None
    first = next(expanded(macro.choices))
    if first.kind is not Kind.EXECUTE or macro.signals:
        return None
    operand = instruction.memory[0]
    if operand.base or operand.index or operand.segment:
        return None
    return Counter(operand.displacement, operand.size)


class Outcome(NamedTuple):
    """One thing a vCPU may do: its local state after, memory without counters, and the change of the counter."""

    local: int
    memory: Cells
    signals: int
    violation: bool
    change: int


def require_blind(outcomes: Sequence[tuple[Outcome, ...]]) -> None:
    """Raise NotProven unless what a CPU may do is the same for each value of a counter."""
    if any(outcome != outcomes[0] for outcome in outcomes):
        raise NotProven("a CPU looks at a word that CPUs count in")


def waited_for(outcomes: Sequence[tuple[Outcome, ...]], local: int) -> int | None:
    """Return the value a patcher waits for; None if it does not look at the counter, or only clears it."""
    kept = [tuple(each for each in outcome if each.change == 0) for outcome in outcomes]
    for value, outcome in enumerate(outcomes):
        if any(each.change not in (0, -value) for each in outcome):
            raise NotProven("a patcher writes a word that CPUs count in, and not zero")
    cleared = [{each._replace(change=0) for each in outcome} for outcome in outcomes]
    if all(each == cleared[0] for each in cleared):
        return None
    waiting = max(kept, key=kept.count)
    going = [value for value, outcome in enumerate(kept) if outcome != waiting]
    if len(going) != 1 or any(each.local != local for each in set(waiting) - set(kept[going[0]])):
        raise NotProven("a patcher does more with a counter than to wait for one value")
    return going[0]


def without(space: Space, cells: Cells, counters: Sequence[Counter]) -> Cells:
    """Return memory with the counters as boot left them."""
    boot = space.subject.machine.boot
    for counter in counters:
        cells = write_cells(boot, cells, counter.address, boot.read(counter.address, counter.size))
    return cells
