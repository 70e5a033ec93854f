"""What a verdict depends on: all that it depends on, and not much more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.explore.checker import Options
from simulator.explore.schedulers import scheduler
from simulator.explore.simulate import run
from simulator.explore.verdict import Verdict
from simulator.machine.engine import Engine
from simulator.machine.events import Executed
from simulator.machine.memory import PAGE, BootImage
from simulator.machine.symmetry import BLOCK
from simulator.scenario import Scenario
from simulator.scenario.build import Guest, configure, prepare
from simulator.scenario.footprint import Checked, Footprint, check_guest, footprint

CASES = (
    Scenario(cpus=2, placement=62),
    Scenario(protocol="store8", placement=62, fetch="line64", properties=("integrity",)),
    Scenario(workload="workload_irqs_off"),
)


@pytest.fixture(scope="module", params=range(len(CASES)), ids=("safe", "torn", "stuck"))
def case(request: pytest.FixtureRequest) -> tuple[Guest, Checked]:
    scenario = CASES[request.param]
    guest = prepare(scenario, Engine())
    return guest, check_guest(guest, scenario.fetch, Options())


def timeless(verdict: Verdict) -> Verdict:
    return replace(verdict, statistics=replace(verdict.statistics, seconds=0.0))


def altered(guest: Guest, *places: int) -> Guest:
    """Return the guest with the byte at each place inverted."""
    pages = {page: bytearray(content) for page, content in guest.boot.pages().items()}
    for place in places:
        page, offset = divmod(place, PAGE)
        pages[page][offset] ^= 0xFF
    contents = ((page * PAGE, bytes(content)) for page, content in pages.items())
    return replace(guest, boot=BootImage(guest.boot.regions, contents))


def test_a_verdict_is_the_same_when_everything_outside_its_footprint_is_another(case: tuple[Guest, Checked]) -> None:
    guest, checked = case
    blocks = [(layout.base, layout.base + BLOCK) for layout in guest.layouts]
    kept = {place for start, end in (*checked.footprint.ranges, *blocks) for place in range(start, end)}
    others = {page * PAGE + offset for page in guest.boot.pages() for offset in range(PAGE)} - kept
    assert len(others) > 10_000
    again = check_guest(altered(guest, *others), guest.scenario.fetch, Options())
    assert timeless(again.verdict) == timeless(checked.verdict)


def test_everything_a_schedule_executes_is_in_the_footprint() -> None:
    guest = prepare(CASES[0], Engine())
    ranges = check_guest(guest, "zen3", Options()).footprint.ranges
    subject = configure(guest, "zen3", Engine()).subject
    steps = run(subject, scheduler("random", 1, len(subject.initial.vcpus), subject.watch), 400, 400)
    executed = {
        event.address for step in steps for event in step.events if isinstance(event, Executed) and not event.mutable
    }
    assert executed <= {place for start, end in ranges for place in range(start, end)}


def test_a_function_that_is_executed_is_part_of_it(case: tuple[Guest, Checked]) -> None:
    guest, checked = case
    workload = guest.scenario.workload
    assert not checked.footprint.fits(altered(guest, guest.image.address(str(workload))).boot)


def test_no_function_that_nobody_calls_is_part_of_it(case: tuple[Guest, Checked]) -> None:
    guest, checked = case
    assert checked.footprint.fits(altered(guest, guest.image.address("int3_skip_nop")).boot)


def test_bytes_behind_an_instruction_are_not_part_of_it() -> None:
    boot = BootImage((), [(PAGE, bytes.fromhex("0f1f440000c3909090909090909090"))])
    assert footprint(boot, [(PAGE, 15)]).ranges == ((PAGE, PAGE + 5),)


def test_reads_that_touch_are_one_range() -> None:
    boot = BootImage((), [(PAGE, bytes(64))])
    assert footprint(boot, [(PAGE + 8, 8), (PAGE, 8), (PAGE + 4, 8), (PAGE + 24, 1)]).ranges == (
        (PAGE, PAGE + 16), (PAGE + 24, PAGE + 25),
    )  # fmt: skip


def test_an_empty_footprint_fits_every_guest() -> None:
    assert Footprint((), footprint(BootImage((), ()), ()).digest).fits(BootImage((), [(0, b"x")]))
