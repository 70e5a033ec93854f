"""The first state and the changes are enough to have every state again."""

from simulator.machine.memory import read_cells
from simulator.report.recording import Recording
from simulator.x86.registers import GENERAL


def test_the_changes_lead_to_the_registers_of_every_state(recording: Recording) -> None:
    shown = {cpu: dict(view) for cpu, view in recording.start.cpus.items()}
    for step, moment in zip(recording.result.steps, recording.moments, strict=True):
        for cpu, values in moment.changed.cpus.items():
            shown[cpu].update(values)
        for vcpu in step.after.vcpus:
            view = shown[vcpu.number]
            held = (int(view["rip"], 16), *(int(view[name], 16) for name in GENERAL))
            assert held == (vcpu.rip, *vcpu.general)


def test_the_changes_lead_to_the_bytes_of_every_site(recording: Recording) -> None:
    built, shown = recording.result.built, dict(recording.start.sites)
    for step, moment in zip(recording.result.steps, recording.moments, strict=True):
        shown.update(moment.changed.sites)
        for number, site in enumerate(built.subject.watch.sites):
            memory = read_cells(built.subject.machine.boot, step.after.memory, site.address, site.length)
            assert shown[number].memory == memory


def test_a_step_that_executes_refers_to_the_bytes_that_were_fetched(torn: Recording) -> None:
    last = torn.moments[-1]
    assert last.code is not None
    assert torn.code[last.code].code.hex(" ") in last.title


def test_a_signal_is_the_title_of_its_step(handled: Recording) -> None:
    titles = [moment.title for moment in handled.moments]
    assert "sends IPI 0xfb to vCPU0, vCPU1" in titles


def test_every_task_is_old_once_and_new_in_the_end(migrating: Recording) -> None:
    name = "tasks not migrated"
    counts = [moment.changed.counters[name] for moment in migrating.moments if name in moment.changed.counters]
    assert (migrating.start.counters[name], max(counts), counts[-1]) == (0, 2, 0)


def test_a_guest_without_tasks_has_no_count_of_them(torn: Recording) -> None:
    assert [*torn.start.counters] == ["pending IPIs"]
