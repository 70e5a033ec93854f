"""``monitor`` commands: what can be asked and done here that gdb has no words for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from simulator.errors import SimulatorError
from simulator.explore.history import Timeline
from simulator.explore.properties import WatchedSite
from simulator.explore.simulate import TraceStep
from simulator.gdb.threads import name_of
from simulator.machine.choice import Kind
from simulator.machine.events import Stored
from simulator.machine.vcpu import VCpu
from simulator.report.finding import explain
from simulator.report.options import options
from simulator.report.sights import CpuSight, look
from simulator.report.words import Narrator, disassembled, vector_name
from simulator.x86.decode import decode


@dataclass(slots=True)
class Desk:
    """What the commands work on; ``view`` is the CPU whose eyes memory is read with, None memory itself."""

    narrator: Narrator
    timeline: Timeline
    replay: Callable[[], str]
    view: int | None = None


Command = Callable[[Desk, str], str]


def run(desk: Desk, line: str) -> str:
    """Return what a command line has to say. Raises SimulatorError where it makes no sense."""
    name, _, rest = line.strip().partition(" ")
    command = COMMANDS.get(name)
    if command is None:
        known = ", ".join(COMMANDS)
        raise SimulatorError(f"no monitor command {name!r}; there are: {known}")
    return command(desk, rest.strip())


def facts(narrator: Narrator, step: TraceStep) -> str:
    """Return what a transition did, on one line."""
    told = "; ".join(fact.text for fact in narrator.step(step))
    return f"#{step.number} {name_of(narrator, step.choice.cpu)}: {told or narrator.where(_rip(step))}"


def origin(narrator: Narrator, timeline: Timeline, step: TraceStep) -> str:
    """Return which instruction stored what a commit makes visible; nothing for other transitions."""
    cpu = step.choice.cpu
    if step.choice.kind is not Kind.COMMIT:
        return ""
    number, waiting = step.number, len(step.before.vcpus[cpu].stores)  # the oldest of these is made visible
    while waiting and number > 1:
        number -= 1
        past = timeline.step(number)
        if past.choice.cpu == cpu:
            waiting -= sum(isinstance(event, Stored) and not event.locked for event in past.events)
    where = past.before.vcpus[cpu].rip
    piece = narrator.piece_at(where)
    return f"stored in #{number} by {narrator.where(where)}" + (f", step {piece}" if piece else "")


def violation(narrator: Narrator, timeline: Timeline, step: TraceStep) -> str:
    """Return what a step violates, in words."""
    found = step.findings[0]
    told = explain(narrator, found, timeline.steps[: step.number])
    return f"#{step.number} {found.property} ({found.kind}): {told}"


def where(desk: Desk) -> str:
    """Return where the history stands, in a line."""
    timeline = desk.timeline
    known = f", known up to #{timeline.known}" if timeline.known > timeline.position else ""
    schedule = f", the schedule ends at #{timeline.scheduled}" if timeline.scheduled > timeline.position else ""
    edits = f", changed by hand: {'; '.join(timeline.edits)}" if timeline.edits else ""
    return f"at #{timeline.position}{known}{schedule}{edits}"


def _when(desk: Desk, rest: str) -> str:
    last = desk.timeline.last
    return where(desk) + (f"\n{facts(desk.narrator, last)}" if last is not None else "")


def _choices(desk: Desk, rest: str) -> str:
    ahead = desk.timeline.ahead
    machine, state = desk.timeline.subject.machine, desk.timeline.state
    rows = [
        f"{'=>' if option.choice == ahead else '  '} {number:>2}  {option.choice!s:<4} "
        f"{name_of(desk.narrator, option.choice.cpu)}: {option.text}"
        for number, option in enumerate(options(desk.narrator, machine, state))
    ]
    return "\n".join(rows) or "nothing can happen any more"


def _take(desk: Desk, rest: str) -> str:
    timeline = desk.timeline
    enabled = timeline.enabled()
    named = {str(choice): choice for choice in enabled}
    choice = named.get(rest) or (enabled[int(rest)] if rest.isdecimal() and int(rest) < len(enabled) else None)
    if choice is None:
        raise SimulatorError(f"take what? a number below {len(enabled)}, or one of: {', '.join(named) or 'nothing'}")
    lost = max(timeline.known, timeline.scheduled)
    step = timeline.take(choice)
    lost -= max(timeline.known, timeline.scheduled)
    forked = f"\nforked at #{step.number - 1}: the {lost} steps known before are gone" if lost > 0 else ""
    return facts(desk.narrator, step) + forked


def _goto(desk: Desk, rest: str) -> str:
    if not rest.isdecimal():
        raise SimulatorError("goto where? the number of a step: goto 12")
    desk.timeline.goto(int(rest))
    return _when(desk, "")


def _site(desk: Desk, rest: str) -> str:
    timeline, narrator = desk.timeline, desk.narrator
    lines: list[str] = []
    for site in narrator.sites:
        seen = look(timeline.subject.machine.text, site, timeline.state)
        lines.append(f"{narrator.where(site.address)} at {site.address:#x}")
        lines.append(f"  memory: {_bytes(narrator, site, seen.memory)}")
        lines += [
            f"  {name_of(narrator, cpu)}: {text}"
            for cpu, view in enumerate(seen.cpus)
            for text in _view(narrator, site, view)
        ]
    return "\n".join(lines) or "nothing is patched"


def _view(narrator: Narrator, site: WatchedSite, view: CpuSight) -> Iterator[str]:
    pieces = " | ".join(" or ".join(value.hex(" ") for value in values) for values in view.pieces)
    found = ", ".join(f"{each.code.hex(' ')} ({each.label})" for each in view.possible)
    yield f"may fetch {pieces}; executes {found}"


def _bytes(narrator: Narrator, site: WatchedSite, code: bytes) -> str:
    """Return a site's bytes, and the instruction that they begin with."""
    instruction = decode(code, site.address)
    length = len(code) if instruction is None else instruction.length
    return f"{code.hex(' ')}  {disassembled(narrator.image, code[:length], site.address)}"


def _pending(desk: Desk, rest: str) -> str:
    narrator = desk.narrator
    lines = [
        f"{name_of(narrator, vcpu.number)}: {text}" for vcpu in desk.timeline.state.vcpus for text in _waits(desk, vcpu)
    ]
    return "\n".join(lines) or "nothing is pending: no interrupts, no stores"


def _waits(desk: Desk, vcpu: VCpu) -> Iterator[str]:
    deliverable = {vector for _, vector in desk.timeline.subject.machine.deliverable(vcpu)}
    for vector in (*vcpu.requested, *((2,) if vcpu.nmi_pending else ())):
        yield f"{vector_name(vector)} waits" + ("" if vector in deliverable else ", held back")
    if vcpu.in_service:
        yield f"in service: {', '.join(map(vector_name, vcpu.in_service))}"
    for store in vcpu.stores:
        yield "store not visible yet: " + ", ".join(
            f"{chunk.data.hex(' ')} to {desk.narrator.where(chunk.address)}" for chunk in store
        )


def _protocol(desk: Desk, rest: str) -> str:
    built, narrator = desk.narrator.built, desk.narrator
    patchers = sorted(built.subject.watch.patchers)
    lines = [f"{built.scenario.protocol_name if patchers else 'nobody patches'}"]
    rips = {cpu: desk.timeline.state.vcpus[cpu].rip for cpu in patchers}
    for piece in built.routine.pieces if built.routine else ():
        here = any(piece.start <= rip < piece.end for rip in rips.values())
        lines.append(f"{'=>' if here else '  '} {piece.name}  <{narrator.where(piece.start)}>")
    for cpu, rip in rips.items():
        done = ", done" if desk.timeline.tracks[cpu].done else ""
        lines.append(f"{name_of(narrator, cpu)} is at {narrator.where(rip)}{done}")
    return "\n".join(lines)


def _verdict(desk: Desk, rest: str) -> str:
    timeline = desk.timeline
    if timeline.findings:
        first = next(step for step in timeline.steps if step.findings)
        return f"VIOLATION: {violation(desk.narrator, timeline, first)}"
    done = "every patcher is done" if timeline.done else "not every patcher is done"
    return f"no violation up to #{timeline.position}; {done}"


def _replay(desk: Desk, rest: str) -> str:
    edits = desk.timeline.edits
    warning = f"\nit does not have what was changed by hand: {'; '.join(edits)}" if edits else ""
    return desk.replay() + warning


def _set_view(desk: Desk, rest: str) -> str:
    cpus = len(desk.timeline.state.vcpus)
    if rest in ("", "memory"):
        desk.view = None
        return "memory is read as it is"
    if not rest.isdecimal() or int(rest) >= cpus:
        raise SimulatorError(f"view what? a CPU from 0 to {cpus - 1}, or memory")
    desk.view = int(rest)
    return f"memory is read as vCPU{rest} would fetch it with the oldest bytes that it may hold"


def _help(desk: Desk, rest: str) -> str:
    return "\n".join(f"{usage:<16}{what}" for usage, what in HELP)


def _rip(step: TraceStep) -> int:
    return step.after.vcpus[step.choice.cpu].rip


COMMANDS: Mapping[str, Command] = MappingProxyType({
    "choices": _choices, "take": _take, "site": _site, "pending": _pending, "protocol": _protocol,
    "verdict": _verdict, "replay": _replay, "goto": _goto, "view": _set_view, "when": _when, "help": _help,
})  # fmt: skip

HELP = (
    ("choices", "what can happen next; => is what will"),
    ("take N", "make one of them happen, and forget what lay ahead if it was another"),
    ("site", "the patch sites: in memory, and as each CPU may fetch them"),
    ("pending", "interrupts that wait and stores that are not visible"),
    ("protocol", "where the patchers stand"),
    ("verdict", "the first violation so far"),
    ("replay", "the replay string that leads here"),
    ("goto N", "go to step N"),
    ("view CPU", "read memory as that CPU would fetch it; view memory: as it is"),
    ("when", "the number of the step, and what it did"),
)
