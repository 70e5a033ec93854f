"""A patch site as each CPU may fetch it: it must be what the machine then lets the CPU execute."""

from simulator.machine.events import Executed
from simulator.report.recording import Recording
from simulator.report.sights import CpuSight, Possible, look

OLD, TORN, INT3 = (bytes.fromhex(text) for text in ("0f1f440000", "0f1fff2140", "cc"))


def cpu_sights(recording: Recording, cpu: int) -> list[CpuSight]:
    """Return what a CPU could see at the first site, whenever something there changed."""
    moments = (moment.changed.sites for moment in recording.moments)
    return [sites[0].cpus[cpu] for sites in (recording.start.sites, *moments) if 0 in sites]


def test_what_a_cpu_executes_is_among_what_it_may_execute(recording: Recording) -> None:
    built = recording.result.built
    text, sites = built.subject.machine.text, built.subject.watch.sites
    at_a_site = [
        (event, look(text, site, step.before).cpus[event.cpu])
        for step in recording.result.steps
        for event in step.events
        if isinstance(event, Executed)
        for site in sites
        if event.address == site.address
    ]
    assert at_a_site
    assert [event for event, sight in at_a_site if event.code not in [each.code for each in sight.possible]] == []


def test_the_bytes_come_in_the_pieces_that_are_fetched_together(stale: Recording) -> None:
    assert [len(piece[0]) for piece in stale.start.sites[0].cpus[0].pieces] == [2, 3]


def test_a_held_granule_is_shown_beside_memorys(stale: Recording) -> None:
    assert (b"\xcc\x1f", b"\x0f\x1f") in [sight.pieces[0] for sight in cpu_sights(stale, 0)]


def test_a_stale_tail_behind_a_new_head_is_called_torn(stale: Recording) -> None:
    assert "torn" in {each.label for each in cpu_sights(stale, 0)[-2].possible}


def test_a_half_read_instruction_keeps_what_was_read(torn: Recording) -> None:
    assert cpu_sights(torn, 0)[-2].pieces[0] == (b"\x0f\x1f",)


def test_a_cpu_that_may_hold_nothing_sees_memory(torn: Recording) -> None:
    assert torn.start.sites[0].cpus[1] == CpuSight(((OLD[:2],), (OLD[2:],)), (Possible(OLD, "old"),))


def test_memory_is_named_after_its_version(handled: Recording) -> None:
    labels = [moment.changed.sites[0].label for moment in handled.moments if 0 in moment.changed.sites]
    assert list(dict.fromkeys(labels)) == ["int3", "new"]
