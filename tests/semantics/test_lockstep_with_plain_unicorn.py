"""One schedule, taken by the machine and by plain Unicorn instances: equal registers and memory after every step.

The machine runs the coherent profile with sequentially consistent data: a store is visible before its CPU does
anything else. Plain Unicorn (tests/semantics/plain.py) shares nothing with the machine's own engine.
"""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from simulator.explore.simulate import Execution, TraceStep
from simulator.explore.subject import Subject
from simulator.machine.choice import Kind
from simulator.machine.memory import read_cells
from simulator.machine.vcpu import RSP
from simulator.scenario.scenario import Scenario
from tests.semantics.guests import build
from tests.semantics.plain import FLAGS, Plain

STEPS = 700
GUESTS = {
    "two callers": Scenario(cpus=2),
    "sync by NMI": Scenario(cpus=2, protocol="text-poke-nmi"),
    "counted handlers": Scenario(protocol="wait-refs", workload="workload_two_callers"),
    "stopped": Scenario(cpus=2, protocol="stop-machine", workload="workload_stoppable"),
    "a batch by the patcher in C": Scenario(patch="batch", patchers=("patcher_main",), workload="workload_batch"),
    "the vulnerable system call": Scenario(kernel="syscalls", patch="bounds", workload="workload_attacker", cpus=2),
}
CASES = [(name, seed) for name in GUESTS for seed in (1, 2)]


def subject(name: str) -> Subject:
    return build(replace(GUESTS[name], data_model="sc"), "coherent").subject


def steps(execution: Execution, seed: int) -> Iterator[TraceStep]:
    """A random schedule in which commits come at once."""
    random = Random(seed)
    for _ in range(STEPS):
        enabled = execution.enabled()
        commits = [choice for choice in enabled if choice.kind is Kind.COMMIT]
        if not enabled:
            return
        yield execution.take(commits[0] if commits else random.choice(enabled))


def mirror(plain: Plain, step: TraceStep) -> None:
    take = {Kind.EXECUTE: plain.execute, Kind.INTERRUPT: plain.interrupt, Kind.NMI: plain.nmi}.get(step.choice.kind)
    if take is not None:
        take(step.choice.cpu)


def registers(plain: Plain, step: TraceStep) -> tuple[object, object]:
    """What either side has in the registers of the vCPU that took the step."""
    vcpu = step.after.vcpus[step.choice.cpu]
    ours = (vcpu.general, vcpu.rip, vcpu.rflags & FLAGS | 2, vcpu.halted)
    number = step.choice.cpu
    return ours, (plain.general(number), plain.rip(number), plain.rflags(number), plain.cpus[number].halted)


def memory(subject: Subject, plain: Plain, step: TraceStep) -> tuple[dict[int, bytes], dict[int, bytes]]:
    """Every word that either side has written."""
    boot, state = subject.machine.boot, step.after
    known = {address for address, _ in state.memory}
    known.update(address for vcpu in state.vcpus for address, _ in vcpu.private)
    ours, theirs = {}, {}
    for address in known | plain.written:
        region = boot.region(address)
        assert region is not None
        home = region.canonical(address)
        cells = state.memory if region.owner is None else state.vcpus[region.owner].private
        ours[home], theirs[home] = read_cells(boot, cells, home, 8), plain.read(home, 8)
    return ours, theirs


def forget(subject: Subject, plain: Plain, cpu: int) -> None:
    """Put back what boot left below the stack pointer: dead memory, which the machine forgets."""
    rsp = plain.general(cpu)[RSP]
    for stack in subject.machine.layouts[cpu].stacks:
        if stack.low < rsp <= stack.high:
            plain.restore(subject.machine.boot, stack.low, rsp & ~7)
        elif stack.ist:
            plain.restore(subject.machine.boot, stack.low, stack.high)


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_registers_are_equal_after_every_step(name: str, seed: int) -> None:
    execution = Execution(subject(name))
    plain = Plain(execution.subject.machine.boot, execution.state.vcpus)
    for step in steps(execution, seed):
        mirror(plain, step)
        ours, theirs = registers(plain, step)
        assert theirs == ours, step


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_memory_is_equal_after_every_step(name: str, seed: int) -> None:
    execution = Execution(subject(name))
    plain = Plain(execution.subject.machine.boot, execution.state.vcpus)
    for step in steps(execution, seed):
        mirror(plain, step)
        forget(execution.subject, plain, step.choice.cpu)
        if not step.after.vcpus[step.choice.cpu].stores:  # else the store is still on its way
            ours, theirs = memory(execution.subject, plain, step)
            assert theirs == ours, step


def test_the_schedules_come_to_breakpoints_and_interrupts() -> None:
    """Or the equalities above would say little."""
    seen: set[str] = set()
    for name, seed in CASES:
        execution = Execution(subject(name))
        for step in steps(execution, seed):
            seen.update(f"{type(event).__name__} {getattr(event, 'vector', '')}" for event in step.events)
    assert {"Delivered 2", "Delivered 3", "Delivered 251", "Posted 2", "Posted 251", "Returned "} <= seen
