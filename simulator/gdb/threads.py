"""vCPUs as gdb's threads: thread n is vCPU n-1, since gdb means "any" by 0."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from simulator.explore.history import Timeline
from simulator.machine.vcpu import IF, VCpu
from simulator.report.words import Narrator, vector_name


def thread_of(cpu: int) -> int:
    """Return the number of a vCPU's thread."""
    return cpu + 1


def name_of(narrator: Narrator, cpu: int) -> str:
    """Return what a thread is called."""
    patches = cpu in narrator.built.subject.watch.patchers
    return f"vCPU{cpu} (patcher)" if patches else f"vCPU{cpu}"


def listing(narrator: Narrator, timeline: Timeline) -> str:
    """Return every thread with its name and state, as XML."""
    rows = "".join(
        f'<thread id="{thread_of(cpu):x}" core="{cpu}" name={quoteattr(name_of(narrator, cpu))}>'
        f"{state_of(narrator, vcpu)}</thread>"
        for cpu, vcpu in enumerate(timeline.state.vcpus)
    )
    return f'<?xml version="1.0"?><threads>{rows}</threads>'


def state_of(narrator: Narrator, vcpu: VCpu) -> str:
    """Return what a vCPU is doing, in a few words."""
    return ", ".join(_states(narrator, vcpu))


def _states(narrator: Narrator, vcpu: VCpu) -> Iterator[str]:
    if vcpu.shutdown:
        yield "shut down"
    elif vcpu.halted:
        yield "halted"
    step = narrator.piece_at(vcpu.rip)
    if step is not None:
        yield f"in step {step}"
    if not vcpu.rflags & IF:
        yield "interrupts off"
    if vcpu.nmi_blocked:
        yield "NMI masked"
    waiting = [vector_name(vector) for vector in vcpu.requested] + ["NMI"] * vcpu.nmi_pending
    if waiting:
        yield f"waiting: {', '.join(waiting)}"
    if vcpu.stores:
        yield f"{len(vcpu.stores)} in the store buffer"
