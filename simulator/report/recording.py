"""An execution as every trace format tells it: who did what in each step, and what is different behind it.

States are not repeated. There is the first one, and each step has the values that it changed, so that a reader who
applies them in order has the state at any step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from simulator.explore.simulate import TraceStep
from simulator.machine.events import Delivered, Executed, Faulted, Posted, Shutdown
from simulator.machine.state import State
from simulator.machine.vcpu import IF, VCpu
from simulator.report.arrows import Arrow, arrows
from simulator.report.code import Code, CodeTable, Listing
from simulator.report.result import Result
from simulator.report.sights import SiteSight, look
from simulator.report.slices import Slice, slices
from simulator.report.tasks import old_tasks
from simulator.report.words import Fact, Narrator, Rank, vector_name
from simulator.x86.registers import GENERAL, format_flags

_NOTABLE = (Delivered, Faulted, Posted, Shutdown)

CpuView = dict[str, str]
"""What a vCPU holds, by name: registers, then ``masks``, ``pending`` and ``stores``. All of it is text."""


@dataclass(frozen=True, slots=True)
class View:
    """What a trace shows of one state; in a step, only what is different there."""

    cpus: Mapping[int, CpuView]
    sites: Mapping[int, SiteSight]
    """By the number of the site."""
    counters: Mapping[str, int]


class Moment(NamedTuple):
    """One step."""

    number: int
    cpu: int
    choice: str
    """As in a replay string: ``0x1``."""
    title: str
    """The one thing to say about it: what is notable, or the instruction."""
    code: int | None
    """Which instruction was executed: a number in the table of code."""
    facts: tuple[Fact, ...]
    changed: View


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole execution with everything that is needed to draw it. ``start`` is complete, the rest are changes."""

    result: Result
    code: tuple[Code, ...]
    listings: tuple[Listing, ...]
    start: View
    moments: tuple[Moment, ...]
    slices: tuple[Slice, ...]
    arrows: tuple[Arrow, ...]


def record(result: Result) -> Recording:
    """Write down the execution of a result."""
    narrator = Narrator(result.built)
    table, handler = CodeTable(narrator), dict[int, int]()
    initial = result.built.subject.initial
    last = start = _view(narrator, initial)
    for vcpu in initial.vcpus:
        table.function(vcpu.rip)
    moments = []
    for step in result.steps:
        handler.update((event.cpu, event.handler) for event in step.events if isinstance(event, Delivered))
        executed = next((event for event in step.events if isinstance(event, Executed)), None)
        code = None if executed is None else table.number(executed.address, executed.code)
        table.function(step.after.vcpus[step.choice.cpu].rip)
        now = _view(narrator, step.after, last, step.before)
        facts = tuple(narrator.step(step, handler.get(step.choice.cpu)))
        title = _title(narrator, step, facts, table.text(code) if code is not None else "")
        moments.append(
            Moment(step.number, step.choice.cpu, str(step.choice), title, code, facts, _difference(last, now))
        )
        last = now
    return Recording(
        result, table.codes, table.listings, start, tuple(moments),
        slices(narrator, result.steps), arrows(narrator, result.steps),
    )  # fmt: skip


def _title(narrator: Narrator, step: TraceStep, facts: tuple[Fact, ...], instruction: str) -> str:
    """Return what was seen at a site, what became visible, a signal, an exception; else the instruction."""
    notable = instruction == "" or any(isinstance(event, _NOTABLE) for event in step.events)
    names = {narrator.entry(event.address) for event in step.events if isinstance(event, Executed)}
    told = [fact for fact in facts if fact.text not in names]
    seen = [fact.text for fact in told if fact.rank is Rank.SEEN]
    return (seen or ([fact.text for fact in told] if notable else []) or [instruction or str(step.choice)])[-1]


def _view(narrator: Narrator, state: State, last: View | None = None, before: State | None = None) -> View:
    """Return the view of a state; what is the same value as in the state before is not looked at again."""
    cpus = {
        number: last.cpus[number]
        if last is not None and before is not None and vcpu is before.vcpus[number]
        else _cpu(narrator, vcpu)
        for number, vcpu in enumerate(state.vcpus)
    }
    text = narrator.built.subject.machine.text
    sites = {number: look(text, site, state) for number, site in enumerate(narrator.sites)}
    counters = {"pending IPIs": sum(len(vcpu.requested) + vcpu.nmi_pending for vcpu in state.vcpus)}
    tasks = old_tasks(narrator.built, state.memory)
    if tasks is not None:
        counters["tasks not migrated"] = tasks
    return View(cpus, sites, counters)


def _difference(last: View, now: View) -> View:
    cpus = {}
    for number, view in now.cpus.items():
        before = last.cpus[number]
        if changed := {} if view is before else {name: value for name, value in view.items() if value != before[name]}:
            cpus[number] = changed
    sites = {number: sight for number, sight in now.sites.items() if sight != last.sites[number]}
    counters = {name: value for name, value in now.counters.items() if value != last.counters[name]}
    return View(cpus, sites, counters)


def _cpu(narrator: Narrator, vcpu: VCpu) -> CpuView:
    masks = (
        ("interrupts off", not vcpu.rflags & IF), ("behind STI", vcpu.shadow), ("NMIs blocked", vcpu.nmi_blocked),
        ("halted", vcpu.halted), ("shut down", vcpu.shutdown),
    )  # fmt: skip
    pending = [vector_name(vector) for vector in vcpu.requested] + ["NMI"] * vcpu.nmi_pending
    stores = [f"{chunk.data.hex(' ')} to {narrator.where(chunk.address)}" for store in vcpu.stores for chunk in store]
    return {
        "rip": f"{vcpu.rip:#x}",
        **{name: f"{value:#x}" for name, value in zip(GENERAL, vcpu.general, strict=True)},
        "rflags": format_flags(vcpu.rflags),
        "masks": ", ".join(name for name, on in masks if on),
        "pending": ", ".join(pending),
        "stores": "; ".join(stores),
    }  # fmt: skip
