"""One counterexample, by its replay string: gdb, the terminal, the page and Perfetto end in the same state."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from simulator.cli.question import ask
from simulator.cli.stepping import session_of, write_trace
from simulator.cli.walk import Walk, begin, follow
from simulator.explore.simulate import replay
from simulator.machine.memory import read_cells
from simulator.report.finding import explain
from simulator.report.perfetto import perfetto
from simulator.report.recording import record
from simulator.report.trace_file import save
from simulator.report.words import Narrator
from simulator.tui.app import Stepper
from simulator.x86.registers import GENERAL
from tests.browser import Page, chromium
from tests.gdb.conftest import serving
from tests.gdb.test_real_gdb import needs_gdb
from tests.report.traces.test_perfetto import Read, notes_of
from tests.tui.conftest import press, screen

NAMES = ("rip", *GENERAL)


class View(NamedTuple):
    """What every front end shows of a state."""

    registers: tuple[tuple[int, ...], ...]
    """Of each vCPU, in the order of ``NAMES``."""
    sites: tuple[str, ...]
    """The bytes of each patch site in memory."""
    finding: str


def in_the_library(walk: Walk) -> View:
    """Return what all of them must show."""
    subject = walk.built.subject
    steps = tuple(replay(subject, walk.timeline.choices()))
    state, finding = steps[-1].after, walk.result().verdict.finding
    assert finding is not None
    return View(
        tuple((vcpu.rip, *vcpu.general) for vcpu in state.vcpus),
        tuple(read_cells(subject.machine.boot, state.memory, each.address, each.length).hex(" ")
              for each in subject.watch.sites),
        explain(Narrator(walk.built), finding, steps),
    )  # fmt: skip


def in_gdb(walk: Walk, folder: Path) -> View:
    """Return what gdb says that continues until it is stopped by the violation."""
    sites = [f"x/{site.length}xb {site.address:#x}" for site in walk.built.subject.watch.sites]
    lines = [
        "set width 0", "continue", "echo ----\\n",
        f"thread apply all -ascending -q info registers {' '.join(NAMES)}", "echo ----\\n", *sites,
    ]  # fmt: skip
    script = folder / "commands"
    script.write_text("\n".join(lines) + "\n")
    with serving(walk, folder) as shown:
        words = ["gdb", "-q", "-nx", "-batch", "-x", str(shown.commands()), "-x", str(script)]
        said = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120).stdout
    stopped, registers, memory = said.split("----\n")
    told = re.search(r"VIOLATION: #\d+ \S+ \([\w-]+\): (.*)", stopped)
    assert told is not None, said
    return View(
        of_cpus(re.findall(r"^(\w+) +0x([0-9a-f]+)\b", registers, re.MULTILINE)),
        sites_of(re.findall(r"\t0x([0-9a-f]{2})", memory), walk),
        told[1],
    )


def in_the_terminal(walk: Walk) -> View:
    """Return what the screen shows behind the violation, following one CPU after another."""
    app = Stepper(session_of(walk), lambda path: write_trace(walk, path))
    shown: list[str] = []

    async def script() -> None:
        async with app.run_test(size=(200, 60)) as pilot:
            await press(pilot, "r")
            for _ in walk.timeline.state.vcpus:
                await press(pilot, "tab")
                shown.append(screen(app))

    asyncio.run(script())
    registers = [pair for each in shown for pair in re.findall(r" (\w+) ([0-9a-f]{16})\b", each) if pair[0] in NAMES]
    memory = re.findall(r"^memory +(.*)", shown[0], re.MULTILINE)
    lengths = [site.length for site in walk.built.subject.watch.sites]
    sites = [re.findall(r"\b[0-9a-f]{2}\b", row)[:length] for row, length in zip(memory, lengths, strict=True)]
    told = re.search(r"VIOLATION: \S+ \([\w-]+\): (.*)", shown[0])
    assert told is not None, shown[0]
    return View(of_cpus(registers), tuple(" ".join(site) for site in sites), told[1].rstrip())


def on_the_page(walk: Walk, folder: Path) -> View:
    """Return what the page shows at its last step."""
    save(folder / "trace.html", [walk.result()])
    with chromium(folder / "profile") as driver:
        page = Page(driver)
        page.open(folder / "trace.html")
        page.click("#last")
        page.click("details summary")
        registers = []
        for cpu in range(len(walk.timeline.state.vcpus)):
            page.click(f"#follow option[value='{cpu}']")
            registers += re.findall(r"(\w+) +0x([0-9a-f]+)", page.text("#registers"))
        sites = [
            page.text(f"[data-site='{number}'] [data-row='memory']").removeprefix("memory ")
            for number in range(len(walk.built.subject.watch.sites))
        ]
        return View(of_cpus(registers), tuple(sites), page.text("#finding"))


def in_perfetto(walk: Walk) -> View:
    """Return what the arguments and names of the file's slices say."""
    read = Read(perfetto(record(walk.result())))
    registers: list[tuple[str, str]] = []
    tracks = [name for name in read.tracks.values() if re.match(r"vCPU\d", name)]
    for track in tracks:
        notes = {name: value for _, event in read.events[track] for name, value in notes_of(event).items()}
        registers += [(name, notes[name].removeprefix("0x")) for name in NAMES]
    sites = [read.slices(f"site {site.name}")[-1][2] for site in walk.built.subject.watch.sites]
    told = [event.name for track in tracks for _, event in read.events[track] if "violation" in event.categories]
    return View(
        of_cpus(registers), tuple(each.partition(": ")[2] for each in sites), told[0].removeprefix("VIOLATION: ")
    )


def of_cpus(found: Iterable[tuple[str, str]]) -> tuple[tuple[int, ...], ...]:
    """Return the registers of each CPU from (name, hexadecimal number) in any order, one CPU after another."""
    cpus: list[dict[str, int]] = [{}]
    for name, value in found:
        if name in cpus[-1]:
            cpus.append({})
        cpus[-1][name] = int(value, 16)
    return tuple(tuple(values[name] for name in NAMES) for values in cpus)


def sites_of(found: list[str], walk: Walk) -> tuple[str, ...]:
    """Cut bytes of all sites into those of each."""
    rest, sites = iter(found), walk.built.subject.watch.sites
    return tuple(" ".join(next(rest) for _ in range(site.length)) for site in sites)


@needs_gdb
@pytest.mark.parametrize("name", ["no-first-sync", "contract-immediate"])
def test_a_counterexample_ends_in_the_same_state_everywhere(name: str, tmp_path: Path) -> None:
    """The first has bytes that no CPU may execute; the second two sites, and a task that mixes universes."""
    found = begin(ask(name), None, find=True)
    found.timeline.goto(found.timeline.scheduled)
    string = found.replay()

    def ended() -> Walk:
        walk = follow(name, string)
        walk.timeline.goto(walk.timeline.scheduled)
        return walk

    shown = {
        "gdb": in_gdb(follow(name, string), tmp_path),
        "terminal": in_the_terminal(follow(name, string)),
        "page": on_the_page(ended(), tmp_path),
        "Perfetto": in_perfetto(ended()),
    }
    assert shown == dict.fromkeys(shown, in_the_library(ended()))
