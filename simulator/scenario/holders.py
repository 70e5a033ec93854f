"""Who holds a patch up, and where they stand: the list that an operator looks at before sending signals, or forcing.

A task holds it up as long as its flag is set. Where it stands is read off its stack, as Ksplice reads it: every word
that is an address behind a call or in a function counts, the innermost first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.machine.memory import Access, BootImage, read_cells
from simulator.machine.state import State
from simulator.machine.vcpu import RSP, VCpu
from simulator.scenario.build import Built
from simulator.scenario.guest_tables import OLD, SLEEPING, TASK_SIZE, TASK_SLOTS, TASK_STATE

_CURRENT, _SP = 16, 24
"""Offsets in ``struct run_queue`` (guest_kernels/tasks/queue.h)."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A task that still runs old functions."""

    cpu: int
    slot: int
    program: str
    running: bool
    """Whether its CPU runs it just now."""
    asleep: bool
    """Whether it waits for somebody to wake it, perhaps still on its CPU."""
    stack: tuple[str, ...]
    """Where it stands, innermost first, as ``function+0xoff/0xsize``; empty if its CPU has not made its stack yet."""


def holders(built: Built, state: State) -> tuple[Holder, ...]:
    """Return the tasks that hold the patch of ``built`` up in a state, by CPU and slot."""
    return tuple(_holders(built, state))


def program_of(built: Built, cpu: int, slot: int) -> str:
    """Return the function that is a task's program; nothing where there is no such task."""
    main = built.subject.machine.boot.word(built.image.address("task_main") + 8 * (cpu * TASK_SLOTS + slot))
    return built.image.symbols.describe(main).partition("+")[0] if main else ""


def _holders(built: Built, state: State) -> Iterator[Holder]:
    boot, image = built.subject.machine.boot, built.image
    if "tasks" not in image.symbols:
        return
    tasks = image.address("tasks")
    for vcpu in state.vcpus[: built.scenario.cpus]:
        for slot in range(TASK_SLOTS):
            number = vcpu.number * TASK_SLOTS + slot
            program = program_of(built, vcpu.number, slot)
            flags = int.from_bytes(read_cells(boot, state.memory, tasks + number * TASK_SIZE, 4), "little")
            if program and flags & OLD:
                queue = image.address("run_queue", vcpu.number)
                running = _private(boot, vcpu, queue + _CURRENT, 4) == slot
                stack = tuple(_stack(built, vcpu, slot, None if running else queue + _SP + 8 * slot))
                asleep = read_cells(boot, state.memory, tasks + number * TASK_SIZE + TASK_STATE, 1)[0] == SLEEPING
                yield Holder(vcpu.number, slot, program, running, asleep, stack)


def _stack(built: Built, vcpu: VCpu, slot: int, saved_at: int | None) -> Iterator[str]:
    boot, symbols = built.subject.machine.boot, built.image.symbols
    layout = vcpu.layout
    mains = [stack for stack in layout.stacks if not stack.ist]
    if saved_at is None:
        rsp = vcpu.general[RSP]
        yield symbols.describe(vcpu.rip)
    else:
        rsp = _private(boot, vcpu, saved_at, 8)
    stack = mains[slot]
    for address in range(rsp, stack.high, 8) if stack.low <= rsp else ():
        word = _private(boot, vcpu, address, 8)
        if boot.permits(word, int(Access.EXECUTE)):
            yield symbols.describe(word)


def _private(boot: BootImage, vcpu: VCpu, address: int, size: int) -> int:
    return int.from_bytes(read_cells(boot, vcpu.private, address, size), "little")
