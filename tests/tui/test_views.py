"""What the panes show: pictures to look at, and that nothing is ever wider or higher than its room."""

from collections.abc import Callable

import pytest
from rich.text import Text
from syrupy.assertion import SnapshotAssertion

from simulator.cli.question import ask
from simulator.cli.stepping import session_of
from simulator.cli.walk import begin
from simulator.tui.scene import Scene
from simulator.tui.session import Session
from simulator.tui.views import choices, cpus, heading, line, log, protocol, site
from tests.tui.conftest import finish

View = Callable[[Scene, int, int], Text]
VIEWS: dict[str, View] = {
    "cpus": cpus.cpus, "site": site.site, "protocol": protocol.protocol, "choices": choices.choices, "log": log.log,
    "timeline": lambda scene, width, height: line.timeline(scene, width),
    "heading": lambda scene, width, height: heading.heading(scene, width),
}  # fmt: skip
OTHERS = {"batch": 900, "four-cpus": 300, "nested-nmi": 60, "two-patchers": 500}
"""Scenarios that look different, and a step to look at."""


@pytest.fixture
def torn(session: Session) -> Scene:
    """One step before the violation: a stale line is about to be executed."""
    finish(session.goto(17))
    return session.scene(followed=0)


@pytest.fixture(scope="module", params=sorted(OTHERS))
def other(request: pytest.FixtureRequest) -> Scene:
    session = session_of(begin(ask(request.param), 1))
    finish(session.goto(OTHERS[request.param]))
    return session.scene()


@pytest.mark.parametrize("view", VIEWS)
def test_a_picture(torn: Scene, view: str, snapshot: SnapshotAssertion) -> None:
    assert VIEWS[view](torn, 60, 12).plain == snapshot


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("size", [(1, 1), (7, 3), (30, 2), (80, 5), (200, 60)], ids=str)
def test_nothing_leaves_its_room(other: Scene, view: str, size: tuple[int, int]) -> None:
    width, height = size
    rows = VIEWS[view](other, width, height).plain.split("\n")
    assert len(rows) <= height
    assert max(len(row) for row in rows) <= width


def test_a_patcher_in_c_is_shown_where_it_is() -> None:
    session = session_of(begin(ask("batch"), None))
    finish(session.goto(400))
    scene = session.scene()
    where = scene.narrator.where(scene.state.vcpus[1].rip)
    assert protocol.protocol(scene, 80, 8).plain.startswith(f"vCPU1 {where}\n")


def test_the_followed_cpu_has_the_most_lines(session: Session) -> None:
    finish(session.goto(17))
    rows = cpus.cpus(session.scene(followed=1), 80, 14).plain.split("\n")
    second = next(number for number, row in enumerate(rows) if row.startswith("> vCPU1"))
    assert second < len(rows) - second


def test_a_stale_byte_has_its_age(torn: Scene) -> None:
    assert "0f:2" in site.site(torn, 80, 12).plain


def test_what_is_left_out_is_counted(torn: Scene) -> None:
    assert "not shown" in site.site(torn, 80, 3).plain


def test_the_choice_of_the_schedule_has_a_star(torn: Scene) -> None:
    starred = [row for row in choices.choices(torn, 80, 9).plain.split("\n") if row[1] == "*"]
    assert [row[2:].split()[0:4] for row in starred] == [["vCPU0", "0f", "1f", "ff"]]


def test_the_violation_is_told_in_words(session: Session) -> None:
    finish(session.goto(18))
    assert "neither old, INT3 nor new" in heading.verdict(session.scene())


def test_before_a_violation_nothing_is_told(torn: Scene) -> None:
    assert heading.verdict(torn) == ""


@pytest.mark.parametrize("position", [0, 1, 9, 17, 18])
def test_a_click_on_the_present_stays_there(session: Session, position: int) -> None:
    finish(session.goto(position))
    scene = session.scene()
    column = next(span.start for span in line.timeline(scene, 80).spans if span.style == "reverse")
    assert line.clicked(scene, 80, column) == position


def test_the_ends_of_the_timeline_are_the_ends_of_the_history(torn: Scene) -> None:
    assert (line.clicked(torn, 80, 0), line.clicked(torn, 80, 79)) == (0, 18)
