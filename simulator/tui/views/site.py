"""The patch sites: memory's bytes, and every instruction that each CPU may fetch there, with the age of each byte.

``0f:12`` is a byte 0f that memory has not had for 12 steps; without a number it is what memory has. A bar is a
boundary that the machine may tear at.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from rich.text import Text

from simulator.explore.properties import WatchedSite
from simulator.report.header import crossings, placement
from simulator.report.sights import SiteSight, look
from simulator.report.words import disassembled
from simulator.tui.ages import ages, waiting
from simulator.tui.scene import Scene
from simulator.tui.views.style import fit, label_style, lines
from simulator.x86.decode import decode

_NAME = 8
_LABEL = 5


class Variant(NamedTuple):
    """An instruction that a CPU may fetch, and the age of each of its bytes."""

    code: bytes
    label: str
    ages: tuple[int, ...]


def site(scene: Scene, width: int, height: int) -> Text:
    """Return the sites one below the other; where not all variants fit, each CPU keeps its newest."""
    found = [row for each in scene.watch.sites for row in _rows(scene, each)]
    if not found:
        return fit(Text("nothing is patched here", style="dim"), width)
    kept = _kept(found, height)
    if len(kept) < len(found):
        kept[-1].append(f"  (+{len(found) - len(kept)} not shown: z)", style="dim")
    return lines(kept, width, height)


def _kept(found: list[tuple[int, Text]], height: int) -> list[Text]:
    """Return the rows that fit, the most dispensable ones left out first."""
    ranked = sorted(range(len(found)), key=lambda place: (found[place][0], place))
    return [found[place][1] for place in sorted(ranked[:height])]


def heading(scene: Scene) -> str:
    """Return the names of the sites; of a single one also how it lies."""
    if not scene.watch.sites:
        return "patch site"
    first = scene.watch.sites[0]
    if len(scene.watch.sites) > 1:
        return f"patch sites: {', '.join(site.name for site in scene.watch.sites)}"
    return f"patch site {scene.narrator.where(first.address)}: {placement(first.address, first.length)}"


def _rows(scene: Scene, site: WatchedSite) -> Iterator[tuple[int, Text]]:
    """Yield lines, each with how dispensable it is: 0 not at all."""
    sight = look(scene.machine.text, site, scene.state)
    groups: dict[tuple[Variant, ...], list[int]] = {}
    for cpu in range(len(sight.cpus)):
        groups.setdefault(tuple(_variants(scene, site, sight, cpu)), []).append(cpu)
    size = 2 + max([len(f":{age}") for rows in groups for row in rows for age in row.ages if age], default=0)
    if len(scene.watch.sites) > 1:
        yield 0, Text(f"{site.name}:", style="bold")
    yield 0, _line(scene, site, "memory", sight.memory, (0,) * site.length, sight.label, size)
    for rows, cpus in groups.items():
        for number, (code, label, aged) in enumerate(rows):
            yield number, _line(scene, site, "" if number else _names(cpus), code, aged, label, size)
    for vcpu in scene.state.vcpus:
        for chunk in waiting(vcpu, site):
            offset = chunk.address - site.address
            text = f"{'':{_NAME}} {offset:+} {chunk.data.hex(' ')} waits in the store buffer of vCPU{vcpu.number}"
            yield 0, Text(text, style="yellow")


def _names(cpus: list[int]) -> str:
    """Return ``vCPU0-2,4``."""
    runs = [[each for _, each in run] for _, run in groupby(enumerate(cpus), lambda pair: pair[1] - pair[0])]
    return "vCPU" + ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _variants(scene: Scene, site: WatchedSite, sight: SiteSight, cpu: int) -> Iterator[Variant]:
    for possible in sight.cpus[cpu].possible:
        aged = ages(site, possible.code, sight.memory, scene.journal.replaced, scene.position)
        yield Variant(possible.code, possible.label, aged)


def _line(
    scene: Scene, site: WatchedSite, name: str, code: bytes, aged: tuple[int, ...], label: str, size: int
) -> Text:
    text = Text(f"{name:{_NAME}} ", style="bold" if name else "")
    bars = {boundary - site.address % boundary for boundary in crossings(site.address, site.length)}
    for offset in range(site.length):
        text.append("|" if offset in bars else " ", style="dim")
        byte = f"{code[offset]:02x}" if offset < len(code) else ""
        age = f":{aged[offset]}" if offset < len(aged) and aged[offset] else ""
        text.append(byte, style=f"{label_style(label)} {'underline' if age else ''}".strip() or "none")
        text.append(age.ljust(size - 2) if byte else " " * size, style="yellow")
    text.append(f"  {label:{_LABEL}} ", style=label_style(label) or "none")
    first = decode(code, site.address)
    text.append(disassembled(scene.narrator.image, code[: first.length] if first else code, site.address))
    return text
