"""The HTML report in a real, headless Chromium: what a person sees who steps through it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.report.recording import Recording
from simulator.report.trace_file import save
from tests.browser import Page, chromium


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def page(browser: Any) -> Iterator[Page]:
    yield Page(browser)
    said = browser.get_log("browser")
    assert said == [], "the page's console must stay empty"


@pytest.fixture(scope="module")
def report(stale: Recording, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "stale.html"
    save(path, [stale.result])
    return path


def old_and_new(recording: Recording) -> tuple[list[str], list[str]]:
    """Return the bytes of the site's first and last version: two lie before a cache line, three behind."""
    versions = recording.result.built.subject.watch.sites[0].versions
    return versions[0].hex(" ").split(), versions[-1].hex(" ").split()


def test_the_violation_shows_the_bytes_that_memory_has_and_those_that_were_executed(
    page: Page, report: Path, stale: Recording
) -> None:
    old, new = old_and_new(stale)
    page.open(report)
    page.click("#last")
    assert page.row("memory") == f"memory {' '.join(new)}"
    assert page.row("executed") == f"vCPU0 executed {' '.join(new[:2] + old[2:])} torn"
    assert page.text("#finding") == page.text("#message")


def test_one_step_before_the_violation_the_cpu_may_still_execute_what_it_holds(
    page: Page, report: Path, stale: Recording
) -> None:
    old, new = old_and_new(stale)
    page.open(report)
    page.click("#last")
    page.click("#back")
    held = [f"{new[0]} cc", f"{new[1]} {old[1]}", *(f"{new[at]} {old[at]}" for at in (2, 3, 4))]
    assert page.row(0) == f"vCPU0 {' '.join(held)} new, torn, int3"


def test_every_step_shows_the_state_that_the_machine_was_in(page: Page, report: Path, stale: Recording) -> None:
    page.open(report)
    shown = page.run(
        "(() => { const found = [], go = document.getElementById('forward');"
        "for (;;) { found.push([...document.querySelectorAll(\"[data-row='memory'] code\")].map(e => e.textContent)"
        ".join(' ')); if (go.disabled) return found; go.click(); } })()"
    )
    wanted, memory = [], stale.start.sites[0].memory
    for sites in (stale.start.sites, *(moment.changed.sites for moment in stale.moments)):
        memory = sites[0].memory if 0 in sites else memory
        wanted.append(memory.hex(" "))
    assert shown == wanted


def test_a_step_back_shows_what_a_step_forward_showed(page: Page, report: Path) -> None:
    page.open(report, 20)
    main = "document.querySelector('main').innerText"
    before = page.run(main)
    for selector in ("#forward", "#forward", "#back", "#back"):
        page.click(selector)
    assert page.run(main) == before


def test_keys_alone_lead_to_the_violation_and_back(page: Page, report: Path, stale: Recording) -> None:
    from selenium.webdriver.common.keys import Keys

    page.open(report)
    places = []
    for key in (Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT, "n", "v", "p"):
        page.press(key)
        places.append(page.text("#where").partition(" ")[0])
    last = len(stale.moments)
    events = [moment.number for moment in stale.moments if any(f.rank.value != "detail" for f in moment.facts)]
    assert places == ["#1", "#2", "#1", f"#{events[0]}", f"#{last}", f"#{events[-2]}"]


def test_every_control_is_reached_by_the_tab_key(page: Page, report: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    page.open(report, 10)
    met = set()
    for _ in range(16):
        page.press(Keys.TAB)
        met.add(page.run("document.activeElement.id"))
    assert {"copy", "drawing", "first", "back", "forward", "last", "slider", "follow", "listing"} <= met


def test_the_slider_steps_with_the_keys_of_a_slider(page: Page, report: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    page.open(report)
    page.run("document.getElementById('slider').focus()")
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
    assert page.text("#where").startswith("#1 of")


def test_a_click_on_the_list_goes_to_its_step(page: Page, report: Path, stale: Recording) -> None:
    page.open(report)
    page.click("#lanes .torn")
    last = stale.moments[-1]
    assert page.text("#now").startswith(f"#{last.number} vCPU0: {last.title}")


def test_a_click_on_the_drawing_goes_to_its_step(page: Page, report: Path) -> None:
    page.open(report, 1)
    page.run(
        "(() => { const t = document.getElementById('timeline'), box = t.getBoundingClientRect();"
        "t.dispatchEvent(new MouseEvent('click', {clientX: box.left + 1 + 6.5 * t.dataset.scale, bubbles: true})) })()"
    )
    assert page.text("#where").startswith("#7 of")


def test_the_disassembly_has_source_lines_and_marks_the_instruction(page: Page, report: Path, stale: Recording) -> None:
    number = next(moment.number for moment in stale.moments if "workload_caller()" in [f.text for f in moment.facts])
    code = stale.code[stale.moments[number - 1].code or 0]
    page.open(report, number)
    assert page.text("#listing tr.executed") == f"▸ workload_caller+0x0 {code.code.hex(' ')} {code.text}"
    assert page.text("#listing tr.source") == f"{code.source} {code.line}"


def test_the_registers_that_a_step_changed_are_shown_with_what_they_were(
    page: Page, report: Path, stale: Recording
) -> None:
    moment = next(each for each in stale.moments if each.changed.cpus.get(1, {}).get("rax") == "0xcc")
    page.open(report, moment.number)
    assert page.text("#changed [data-register='rax']") == f"vCPU1 rax {stale.start.cpus[1]['rax']} → 0xcc"


def test_the_replay_command_can_be_copied(page: Page, report: Path) -> None:
    page.open(report)
    page.click("#copy")
    page.wait("document.getElementById('copied').textContent")
    assert page.text("#replay") == "kgraft-sim replay kg1:case:0:0x"


@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_is_wider_than_the_screen(page: Page, report: Path, width: int) -> None:
    page.open(report, 40, width=width)
    assert page.run("document.documentElement.scrollWidth <= innerWidth")


def test_the_page_asks_for_nothing_else(page: Page, report: Path) -> None:
    page.open(report)
    assert page.run("performance.getEntriesByType('resource').length") == 0


def test_the_page_is_dark_where_that_is_wanted(page: Page, report: Path) -> None:
    colours = []
    for dark in (False, True):
        page.open(report, dark=dark)
        colours.append(page.run("getComputedStyle(document.body).backgroundColor"))
    assert colours == ["rgb(255, 255, 255)", "rgb(20, 23, 28)"]


def test_tasks_and_their_count_are_on_the_page(page: Page, migrating: Recording, tmp_path: Path) -> None:
    save(tmp_path / "t.html", [migrating.result])
    page.open(tmp_path / "t.html", 300)
    assert page.text("#counters") == "pending IPIs: 0, tasks not migrated: 2"
