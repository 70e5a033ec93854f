"""``matrix``: the verdict table as text, JSON and a page."""

import json
from pathlib import Path

from syrupy.assertion import SnapshotAssertion

from tests.browser import Page, chromium
from tests.cli.conftest import Cli

WORDS = ("matrix", "--protocols", "store8,address-first-sync", "--placements", "0,62")


def test_a_table_that_fits_has_a_column_per_fetch_model(cli: Cli, snapshot: SnapshotAssertion) -> None:
    assert cli(*WORDS, "--profiles", "A,B,C,D").out == snapshot


def test_a_table_that_does_not_fit_puts_equal_cells_together(cli: Cli, snapshot: SnapshotAssertion) -> None:
    assert cli(*WORDS, "--profiles", "A,B,Z,C,D,E,G").out == snapshot


def test_json_has_a_cell_for_each(cli: Cli) -> None:
    cells = json.loads(cli(*WORDS, "--profiles", "A,byte1", "--json").out)["cells"]
    assert len(cells) == 8
    assert cells[0] == {
        "protocol": "store8", "placement": 0, "fetch": "coherent", "verdict": "ok/old",
        "states": cells[0]["states"], "findings": [["freshness", "old"]],
    }  # fmt: skip


def test_the_cells_of_the_page_say_what_the_command_says_and_lead_to_what_shows_it(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "table.html"
    said = json.loads(cli(*WORDS, "--profiles", "A,B,X", "--json", "--trace", path).out)["cells"]
    with chromium(tmp_path / "profile") as driver:
        page = Page(driver)
        page.open(path)
        rows = page.run("[...document.querySelectorAll('#matrix tr')].map(r => [...r.cells].map(c => c.textContent))")
        dead = page.run("[...document.querySelectorAll('#matrix a')].filter(a => !document.querySelector("
                        "CSS.escape(a.hash.slice(1)).replace(/^/, '#'))).map(a => a.hash)")  # fmt: skip
        driver.find_element("link text", "torn").click()
        reached = page.text(":target")
        assert page.run("performance.getEntriesByType('resource').length") == 0
        assert driver.get_log("browser") == []
    shown = {
        (name, int(place), profile): text
        for name, place, *texts in rows[1:]
        for profile, text in zip(rows[0][2:], texts, strict=True)
    }
    assert shown == {(each["protocol"], each["placement"], each["fetch"]): each["verdict"] for each in said}
    assert dead == []
    assert "neither old, INT3 nor new" in reached


def test_a_table_has_no_one_execution_to_trace(cli: Cli, tmp_path: Path) -> None:
    assert "write a page, .html" in cli(*WORDS, "--trace", tmp_path / "table.pftrace").err
