"""Where in somebody's source a verdict belongs: the function whose patch site it is about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from simulator.explore.properties import Finding, WatchedSite
from simulator.guest.image import Image
from simulator.report.result import Result


class Place(NamedTuple):
    """A line of a file. The path is relative to this folder where the file is below it."""

    file: str
    line: int


def place(result: Result) -> Place:
    """Return the line of the patch site a verdict is about; the scenario itself where there is none."""
    site = site_of(result.built.subject.watch.sites, result.verdict.finding)
    found = line_of(result.built.image, site.address) if site is not None else None
    return found or Place(result.name, 1)


def site_of(sites: Sequence[WatchedSite], finding: Finding | None) -> WatchedSite | None:
    """Return the patch site of a finding, the first where it is not about one."""
    if finding is not None:
        for site in sites:
            if site.address <= finding.address < site.end:
                return site
    return sites[0] if sites else None


def line_of(image: Image, address: int) -> Place | None:
    """Return the source line of an instruction, under a path that can be opened from here."""
    found = image.lines.find(address)
    if found is None:
        return None
    here = Path.cwd()
    for folder in image.lines.folders:
        path = (folder / found.file).resolve()
        if path.is_file() and path.is_relative_to(here):
            return Place(path.relative_to(here).as_posix(), found.line)
    return Place(found.file, found.line)
