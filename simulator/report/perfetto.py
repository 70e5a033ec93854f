"""A trace for ui.perfetto.dev: track events in the protobufs of the ``perfetto`` package.

A track per CPU has the slices of its functions and handlers, and in them one slice per step; a step takes a
microsecond. The first one, "start", has all registers as arguments, every other those that it changed. Flows lead from
an IPI to its delivery, and from a store over its commit to who first fetched it.
https://perfetto.dev/docs/reference/synthetic-track-event
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from simulator.report.finding import message
from simulator.report.recording import Moment, Recording
from simulator.report.slices import Slice

if TYPE_CHECKING:
    from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import TracePacket, TrackEvent

STEP = 1_000
"""Nanoseconds that a step takes."""
_SEQUENCE = 1
_MACHINE, _CPU, _SITE, _COUNTER = 1, 0x100, 0x200, 0x300
"""Identities of the tracks: the parent of all, and where those of each sort begin."""
_BEGIN, _END, _INSTANT, _COUNT = 1, 2, 3, 4
"""TYPE_SLICE_BEGIN, TYPE_SLICE_END, TYPE_INSTANT and TYPE_COUNTER of TrackEvent.Type."""
_Notes = tuple[tuple[str, str | int], ...]


class _Mark(NamedTuple):
    """An event of a track, in the order of the file: time, ends before begins, outer begins and inner ends first."""

    time: int
    order: int
    depth: int
    type: int
    track: int
    name: str = ""
    category: str = ""
    notes: _Notes = ()
    step: int = 0
    """Of which the flows are this mark's."""
    value: int = 0


def perfetto(recording: Recording) -> bytes:
    """Return the trace file of an execution."""
    from perfetto.trace_builder.proto_builder import TraceProtoBuilder

    builder = TraceProtoBuilder()
    for number, (identity, parent, name, counts) in enumerate(_tracks(recording)):
        packet = builder.add_packet()
        track = packet.track_descriptor
        track.uuid, track.name, track.sibling_order_rank = identity, name, number
        track.child_ordering = 3  # EXPLICIT
        if parent:
            track.parent_uuid = parent
        if counts:
            track.counter.SetInParent()
    flows = _flows(recording)
    for mark in sorted(_marks(recording), key=lambda mark: (mark.time, mark.order, mark.depth, mark.track)):
        _write(builder.add_packet(), mark, flows)
    return bytes(builder.serialize())


def _tracks(recording: Recording) -> Iterator[tuple[int, int, str, bool]]:
    """Yield the tracks: identity, parent, name, and whether it is a counter."""
    built = recording.result.built
    patchers = built.subject.watch.patchers
    yield _MACHINE, 0, f"{recording.result.name}, fetch {recording.result.profile}", False
    for cpu in recording.start.cpus:
        yield _CPU + cpu, _MACHINE, f"vCPU{cpu}{' (patcher)' if cpu in patchers else ''}", False
    for number, site in enumerate(built.subject.watch.sites):
        yield _SITE + number, _MACHINE, f"site {site.name}", False
    for number, name in enumerate(recording.start.counters):
        yield _COUNTER + number, _MACHINE, name, True


def _marks(recording: Recording) -> Iterator[_Mark]:
    for each in recording.slices:
        yield from _span(_CPU + each.cpu, each.depth, each.name, each.kind, each.start, each.end)
    for cpu, registers in recording.start.cpus.items():
        yield from _span(_CPU + cpu, 0, "start", "step", 0, 0, (*registers.items(),))
    depths = _depths(recording.slices)
    for moment in recording.moments:
        depth, at = depths.get((moment.cpu, moment.number), 0), moment.number
        notes = (*_notes(recording, moment), *moment.changed.cpus.get(moment.cpu, {}).items())
        yield from _span(_CPU + moment.cpu, depth, moment.title, "step", at, at, notes)
    finding = recording.result.verdict.finding
    if finding is not None:
        name = f"VIOLATION: {message(recording.result)}"
        yield _Mark(len(recording.moments) * STEP, 2, 0, _INSTANT, _CPU + finding.cpu, name, "violation")
    yield from _sites(recording)
    for number, (name, first) in enumerate(recording.start.counters.items()):
        yield _Mark(STEP, 1, 0, _COUNT, _COUNTER + number, value=first)
        for moment in recording.moments:
            if name in moment.changed.counters:
                yield _Mark(
                    (moment.number + 1) * STEP, 1, 0, _COUNT, _COUNTER + number, value=moment.changed.counters[name]
                )


def _span(
    track: int, depth: int, name: str, category: str, start: int, end: int, notes: _Notes = ()
) -> Iterator[_Mark]:
    yield _Mark(start * STEP, 1, depth, _BEGIN, track, name, category, notes, start if notes else 0)
    yield _Mark((end + 1) * STEP, 0, -depth, _END, track)


def _depths(found: tuple[Slice, ...]) -> dict[tuple[int, int], int]:
    """Return how deep each step of each CPU lies: below every slice that it is in."""
    deepest: dict[tuple[int, int], int] = {}
    for each in found:
        for step in range(each.start, each.end + 1):
            key = (each.cpu, step)
            deepest[key] = max(deepest.get(key, 0), each.depth + 1)
    return deepest


def _sites(recording: Recording) -> Iterator[_Mark]:
    """Yield for each site what its bytes are, from one change to the next."""
    last = len(recording.moments)
    for number, sight in recording.start.sites.items():
        start, shown = 1, sight
        for moment in recording.moments:
            now = moment.changed.sites.get(number)
            if now is not None and now.memory != shown.memory:
                yield from _span(
                    _SITE + number, 0, f"{shown.label}: {shown.memory.hex(' ')}", "site", start, moment.number
                )
                start, shown = moment.number + 1, now
        yield from _span(_SITE + number, 0, f"{shown.label}: {shown.memory.hex(' ')}", "site", start, max(start, last))


def _flows(recording: Recording) -> dict[int, tuple[list[int], list[int]]]:
    """Return for each step the flows that it is on, and those that end in it."""
    found: dict[int, tuple[list[int], list[int]]] = {}
    for number, arrow in enumerate(recording.arrows, 1):
        for step in dict.fromkeys((arrow.start, arrow.through)):
            found.setdefault(step, ([], []))[0].append(number)
        found.setdefault(arrow.end, ([], []))[1].append(number)
    return found


def _write(packet: TracePacket, mark: _Mark, flows: dict[int, tuple[list[int], list[int]]]) -> None:
    packet.timestamp = mark.time
    packet.trusted_packet_sequence_id = _SEQUENCE
    event: TrackEvent = packet.track_event
    event.type, event.track_uuid = mark.type, mark.track
    if mark.type == _COUNT:
        event.counter_value = mark.value
    elif mark.type != _END:
        event.name = mark.name
        event.categories.append(mark.category)
        begins, ends = flows.get(mark.step, ([], []))
        event.flow_ids.extend(begins)
        event.terminating_flow_ids.extend(ends)
        for name, value in mark.notes:
            _annotate(event, name, value)


def _annotate(event: TrackEvent, name: str, value: str | int) -> None:
    note = event.debug_annotations.add()
    note.name = name
    if isinstance(value, int):
        note.int_value = value
    else:
        note.string_value = value


def _notes(recording: Recording, moment: Moment) -> Iterator[tuple[str, str | int]]:
    yield "step", moment.number
    yield "choice", moment.choice
    if moment.code is not None:
        code = recording.code[moment.code]
        yield "at", code.at
        yield "bytes", code.code.hex(" ")
        yield "instruction", code.text
        if code.source:
            yield "source", code.source
    for fact in moment.facts:
        yield "fact", fact.text
