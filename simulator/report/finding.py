"""The last line of a counterexample, in the manner of an Oops: who did what where, and why that is wrong."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from simulator.explore.properties import Finding
from simulator.explore.schedulers.round_robin import RoundRobin
from simulator.explore.simulate import TraceStep, run
from simulator.machine.events import Delivered
from simulator.report import mixture
from simulator.report.result import Result
from simulator.report.words import Narrator, vector_name

_RDI = 7
_ONWARDS = 2_000
"""Steps after which a patcher that can be nowhere else is where it waits."""


def message(result: Result) -> str:
    """Return the line about what a result found; nothing where it found nothing."""
    finding = result.verdict.finding
    return "" if finding is None else explain(Narrator(result.built), finding, result.steps)


def explain(narrator: Narrator, finding: Finding, steps: Sequence[TraceStep]) -> str:
    """Return one line about a finding; ``steps`` is the execution that ends in it."""
    who = f"vCPU{finding.cpu}"
    where = narrator.where(finding.address)
    code = finding.code.hex(" ")
    universes = narrator.built.subject.watch.universes
    match (finding.property, finding.kind):
        case ("integrity", "torn"):
            return f"{who} executed {code} at {where}: neither old, INT3 nor new"
        case ("integrity", "undefined"):
            return f"{who} executed {code} at {where}: undefined, stored by another CPU and not serialized since"
        case ("boundaries", "inside"):
            return f"{who} stands at {where}, inside the site: not an instruction boundary of every version"
        case ("boundaries", "saved-inside"):
            return f"{who} was interrupted at {where}, inside the site: the frame leads back there"
        case ("traps", "unclaimed-int3"):
            return f"{who} took an INT3{_trapped_at(narrator, finding.cpu, steps)} that no handler claims"
        case ("traps", "triple-fault"):
            return f"{who} stopped at {where} by a triple fault"
        case ("traps", kind):
            return f"{who} took {_exception(kind)} at {where}"
        case ("freshness", kind):
            return f"{who} executed {code} at {where} after the patch was done: {_late(kind)}"
        case ("order", _):
            return f"{who} executed {code} at {where}: it had executed a newer version before"
        case ("progress", _):
            return f"{who} waits for ever{_waiting_at(narrator, finding.cpu, steps)}: no schedule from here ends it"
        case ("fair-progress", _):
            where = _place(narrator, steps[-1].after.vcpus[finding.cpu].rip) if steps else ""
            return (
                f"{who} waits for ever{where}: everyone takes steps, again and again the same, and none of them ends it"
            )
        case ("assertions", _):
            return f"{who} panicked{_message(narrator, finding.cpu, steps)}"
        case ("consistency", _) if universes is not None:
            return mixture.mixed(narrator, universes, finding, steps)
        case ("finalized", _) if universes is not None:
            return mixture.led_back(narrator, universes, finding, steps)
        case (name, kind):
            return f"{who} violated {name} ({kind}) at {where}"


def _exception(kind: str) -> str:
    number = kind.removeprefix("exception-")
    return vector_name(int(number)) if number.isdigit() else "an exception nobody expects"


def _late(kind: str) -> str:
    return {"old": "the old instruction", "int3": "a leftover INT3"}.get(kind, "a leftover of the protocol")


def _trapped_at(narrator: Narrator, cpu: int, steps: Sequence[TraceStep]) -> str:
    for step in reversed(steps):
        for event in step.events:
            if isinstance(event, Delivered) and event.cpu == cpu and event.vector == 3:
                return f" at {narrator.where(event.interrupted - 1)}"
    return ""


def _waiting_at(narrator: Narrator, cpu: int, steps: Sequence[TraceStep]) -> str:
    """Return where the patcher ends up: a search reports the first hopeless state, often long before it waits."""
    subject = narrator.built.subject
    start = steps[-1].after if steps else subject.initial
    onwards = run(replace(subject, initial=start), RoundRobin(0, len(start.vcpus)), _ONWARDS, _ONWARDS)
    rip = next((step.after.vcpus[cpu].rip for step in deque(onwards, maxlen=1)), start.vcpus[cpu].rip)
    return _place(narrator, rip)


def _place(narrator: Narrator, rip: int) -> str:
    piece = narrator.piece_at(rip)
    return f" in {piece!r}, {narrator.where(rip)}" if piece else f" at {narrator.where(rip)}"


def _message(narrator: Narrator, cpu: int, steps: Sequence[TraceStep]) -> str:
    """Return what the guest said: ``panic(message)`` has it in RDI."""
    if not steps:
        return ""
    text = narrator.image.read(steps[-1].before.vcpus[cpu].general[_RDI], 200).split(b"\0")[0]
    return f": {text.decode('utf-8', 'replace')}" if text else ""
