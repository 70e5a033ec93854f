"""The pictures in docs/tutorial.md, made by the programs they show: ``python -m tests.docs.pictures``."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from simulator.cli.question import ask
from simulator.cli.stepping import session_of, write_trace
from simulator.cli.walk import begin
from simulator.report.trace_file import save
from simulator.tui.app import Stepper
from tests.browser import Page, chromium
from tests.tui.conftest import press

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
NAME = "no-first-sync"
SCREENS = {"before.svg": ("r", "S", "tab"), "violation.svg": ("r", "tab")}
"""Pictures of the terminal: the keys that lead there along the counterexample."""
PAGE = "page.png"
_FONT_FROM_ELSEWHERE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def terminal(*keys: str, size: tuple[int, int] = (100, 36)) -> str:
    """Return the screen after some keys as SVG that loads nothing."""
    walk = begin(ask(NAME), None, find=True)
    app = Stepper(session_of(walk), lambda path: write_trace(walk, path))

    async def shown() -> str:
        async with app.run_test(size=size) as pilot:
            await press(pilot, *keys)
            return app.export_screenshot(title=f"kgraft-sim step {NAME}")

    return _FONT_FROM_ELSEWHERE.sub("", asyncio.run(shown()))


def words(svg: str) -> list[str]:
    """Return the text of a picture, piece by piece, whatever its colours are."""
    return ["".join(each.itertext()) for each in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def photograph(path: Path) -> None:
    """Write what a browser shows of the page, from the drawing down, at the violation."""
    walk = begin(ask(NAME), None, find=True)
    walk.timeline.goto(walk.timeline.scheduled)
    with tempfile.TemporaryDirectory() as folder:
        save(Path(folder) / "trace.html", [walk.result()])
        with chromium(Path(folder) / "profile") as driver:
            page = Page(driver)
            page.open(Path(folder) / "trace.html", walk.timeline.scheduled, width=1200)
            box = page.run("document.querySelector('.stepper').getBoundingClientRect().toJSON()")
            size = {"width": 1200, "height": int(box["height"]), "deviceScaleFactor": 1, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            page.run("document.querySelector('.stepper').scrollIntoView()")
            driver.save_screenshot(str(path))


if __name__ == "__main__":
    for name, keys in SCREENS.items():
        (FOLDER / name).write_text(terminal(*keys))
    photograph(FOLDER / PAGE)
