"""The Perfetto trace, read back with the protobufs that wrote it."""

from collections import defaultdict
from typing import Any

import pytest
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace, TrackEvent

from simulator.report.arrows import IPI
from simulator.report.finding import message
from simulator.report.perfetto import STEP, perfetto
from simulator.report.recording import Recording
from simulator.x86.registers import GENERAL


class Read:
    """A parsed trace: names of tracks, and their events in order."""

    def __init__(self, data: bytes) -> None:
        trace = Trace()
        trace.ParseFromString(data)
        self.packets = list(trace.packet)
        self.tracks = {
            packet.track_descriptor.uuid: packet.track_descriptor.name
            for packet in self.packets
            if packet.HasField("track_descriptor")
        }
        self.events: dict[str, list[tuple[int, Any]]] = defaultdict(list)
        for packet in self.packets:
            if packet.HasField("track_event"):
                event = packet.track_event
                self.events[self.tracks[event.track_uuid]].append((packet.timestamp, event))

    def slices(self, track: str) -> list[tuple[int, int, str]]:
        """Return (start, end, name) of the slices of a track; fails where they do not nest."""
        found, opened = [], []
        for time, event in self.events[track]:
            if event.type == TrackEvent.TYPE_SLICE_BEGIN:
                opened.append((time, event.name))
            elif event.type == TrackEvent.TYPE_SLICE_END:
                start, name = opened.pop()
                found.append((start, time, name))
        assert opened == []
        return found

    def counts(self, track: str) -> list[tuple[int, int]]:
        return [(time, event.counter_value) for time, event in self.events[track]]


@pytest.fixture
def read(recording: Recording) -> Read:
    return Read(perfetto(recording))


def cpu_track(recording: Recording, cpu: int) -> str:
    patches = cpu in recording.result.built.subject.watch.patchers
    return f"vCPU{cpu} (patcher)" if patches else f"vCPU{cpu}"


def notes_of(event: Any) -> dict[str, Any]:
    """Return the arguments of a slice."""
    return {note.name: note.string_value or note.int_value for note in event.debug_annotations}


def test_every_cpu_every_site_and_every_counter_has_a_track(recording: Recording, read: Read) -> None:
    names = [*read.tracks.values()]
    assert names[1 : 1 + len(recording.start.cpus)] == [cpu_track(recording, cpu) for cpu in recording.start.cpus]
    assert names[-len(recording.start.counters) :] == [*recording.start.counters]


def test_time_never_goes_back(read: Read) -> None:
    times = [packet.timestamp for packet in read.packets if packet.HasField("track_event")]
    assert times == sorted(times)


def test_the_slices_of_a_track_are_the_functions_and_steps_of_its_cpu(recording: Recording, read: Read) -> None:
    for cpu in recording.start.cpus:
        wanted = [(0, 0, "start")]
        wanted += [(each.start, each.end, each.name) for each in recording.slices if each.cpu == cpu]
        wanted += [(each.number, each.number, each.title) for each in recording.moments if each.cpu == cpu]
        shown = [(start // STEP, end // STEP - 1, name) for start, end, name in read.slices(cpu_track(recording, cpu))]
        assert sorted(shown) == sorted(wanted)


def test_a_flow_leads_over_the_steps_of_each_arrow(recording: Recording, read: Read) -> None:
    flows: dict[int, list[int]] = defaultdict(list)
    for events in read.events.values():
        for time, event in events:
            for flow in (*event.flow_ids, *event.terminating_flow_ids):
                flows[flow].append(time // STEP)
    wanted = [sorted({arrow.start, arrow.through, arrow.end}) for arrow in recording.arrows]
    assert [sorted(flows[flow]) for flow in sorted(flows)] == wanted


def test_the_flow_of_an_ipi_ends_in_its_handler(handled: Recording) -> None:
    read, arrow = Read(perfetto(handled)), next(each for each in handled.arrows if each.kind == IPI)
    cpu = handled.result.steps[arrow.end - 1].choice.cpu
    around = [name for start, end, name in read.slices(cpu_track(handled, cpu)) if start <= arrow.end * STEP < end]
    assert "sync IPI" in around


def test_pending_ipis_go_up_with_a_send_and_down_with_each_delivery(handled: Recording) -> None:
    counts = [count for _, count in Read(perfetto(handled)).counts("pending IPIs")]
    assert counts[:4] == [0, 2, 1, 0]


def test_tasks_migrate_one_after_the_other(migrating: Recording) -> None:
    counts = [count for _, count in Read(perfetto(migrating)).counts("tasks not migrated")]
    assert counts == [0, 1, 2, 1, 0]


def test_the_site_shows_its_versions_one_after_another(handled: Recording) -> None:
    names = [name.partition(":")[0] for _, _, name in Read(perfetto(handled)).slices("site answer")]
    assert list(dict.fromkeys(names)) == ["old", "int3", "new"]


def test_a_step_carries_its_address_and_bytes(torn: Recording) -> None:
    last = [event for _, event in Read(perfetto(torn)).events["vCPU0"] if event.debug_annotations][-1]
    notes = notes_of(last)
    assert (notes["step"], notes["at"]) == (len(torn.moments), "answer+0x0/0xb")
    assert notes["bytes"] in last.name


def test_the_arguments_of_the_steps_applied_in_order_are_the_registers_behind_the_last(
    recording: Recording, read: Read
) -> None:
    for cpu, vcpu in enumerate(recording.result.steps[-1].after.vcpus):
        notes: dict[str, Any] = {}
        for _, event in read.events[cpu_track(recording, cpu)]:
            notes.update(notes_of(event))
        shown = [notes["rip"], *(notes[name] for name in GENERAL)]
        assert [int(value, 16) for value in shown] == [vcpu.rip, *vcpu.general]


def test_the_violation_is_told_on_the_track_of_its_cpu_at_the_last_step(stale: Recording) -> None:
    events = Read(perfetto(stale)).events["vCPU0"]
    found = [(time, event.name) for time, event in events if event.type == TrackEvent.TYPE_INSTANT]
    assert found == [(len(stale.moments) * STEP, f"VIOLATION: {message(stale.result)}")]


def test_an_execution_without_a_violation_tells_of_none(handled: Recording) -> None:
    events = [event for found in Read(perfetto(handled)).events.values() for _, event in found]
    assert all(event.type != TrackEvent.TYPE_INSTANT for event in events)
