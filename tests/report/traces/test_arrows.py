"""What led to what: IPIs to their deliveries, stores into text to their first fetches."""

from simulator.machine.events import Committed, Delivered, Executed, Posted
from simulator.report.arrows import IPI, TEXT, Arrow
from simulator.report.recording import Recording


def of_kind(recording: Recording, kind: str) -> list[Arrow]:
    return [arrow for arrow in recording.arrows if arrow.kind == kind]


def events(recording: Recording, number: int, kind: type) -> list[object]:
    return [event for event in recording.result.steps[number - 1].events if isinstance(event, kind)]


def test_no_arrow_leads_back_in_time(recording: Recording) -> None:
    assert [arrow for arrow in recording.arrows if not arrow.start <= arrow.through < arrow.end] == []


def test_an_arrow_leads_from_each_ipi_to_each_of_its_deliveries(handled: Recording) -> None:
    posts = [step.number for step in handled.result.steps if events(handled, step.number, Posted)]
    wanted = [
        (post, step.number)
        for step in handled.result.steps
        for event in step.events
        if isinstance(event, Delivered) and event.vector == 0xFB
        for post in [max(number for number in posts if number < step.number)]
    ]
    assert wanted
    assert [(arrow.start, arrow.end) for arrow in of_kind(handled, IPI)] == wanted


def test_an_arrow_of_text_passes_the_commit_that_its_name_tells(stale: Recording) -> None:
    first = of_kind(stale, TEXT)[0]
    (commit,) = events(stale, first.through, Committed)
    assert isinstance(commit, Committed)
    assert first.name.startswith(commit.data.hex(" "))


def test_what_is_fetched_at_the_end_has_a_byte_of_the_store(recording: Recording) -> None:
    for arrow in of_kind(recording, TEXT):
        (commit,) = events(recording, arrow.through, Committed)
        assert isinstance(commit, Committed)
        fetched = [event for event in events(recording, arrow.end, Executed) if isinstance(event, Executed)]
        written = {commit.address + at: byte for at, byte in enumerate(commit.data)}
        seen = {event.address + at: byte for event in fetched for at, byte in enumerate(event.code)}
        assert not fetched or written.items() & seen.items()


def test_a_cpu_sees_a_store_for_the_first_time_once(handled: Recording) -> None:
    found = [
        (arrow.through, handled.result.steps[arrow.end - 1].choice.cpu)
        for arrow in of_kind(handled, TEXT)
    ]  # fmt: skip
    assert len(found) == len(set(found))
