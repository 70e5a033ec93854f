"""A guest kernel as a list of functions: address, size, patch site and what the site crosses.

A site that crosses a boundary gets a comment in the manner of pahole, under it.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.guest.image import Image
from simulator.guest.tables import CALLBACKS
from simulator.patching.sites import SITE_SIZE
from simulator.report.header import BOUNDARIES, NAMES, crossings
from simulator.report.table import WIDTH, Column, fields, table, wrap


@dataclass(frozen=True, slots=True)
class Function:
    """A function of a guest, with its patch site if it has one."""

    name: str
    address: int
    size: int
    site: int | None
    code: bytes
    """The bytes at the site."""
    file: str
    line: str
    replaces: str = ""
    immediate: bool = False
    """Whether it replaces the other at once, under every consistency model."""

    @property
    def crosses(self) -> tuple[int, ...]:
        """Return the boundaries inside the site."""
        return () if self.site is None else tuple(crossings(self.site, SITE_SIZE))


def functions(image: Image) -> tuple[Function, ...]:
    """Return the functions of an image by address."""
    sites = {site.function: site.address for site in image.sites}
    pairs = {pair.new: pair for pair in image.patches}
    found = []
    for symbol in sorted(image.symbols, key=lambda each: (each.address, each.name)):
        if symbol.kind != "function" or not symbol.size:
            continue
        site = sites.get(symbol.name)
        code = image.read(site, SITE_SIZE) if site is not None else b""
        file, _, line = (image.source(symbol.address) or "").rpartition(":")
        if file != symbol.object:  # the first instruction comes from an inlined function of another file
            file, line = symbol.object, ""
        pair = pairs.get(symbol.name)
        old, immediate = (pair.old, pair.immediate) if pair is not None else ("", False)
        found.append(Function(symbol.name, symbol.address, symbol.size, site, code, file, line, old, immediate))
    return tuple(found)


def callbacks(image: Image) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return for each new function that has callbacks (when, which function is called) in order."""
    return tuple(
        (row.new, tuple((when, _called(image, called)) for when in CALLBACKS if (called := getattr(row, when))))
        for row in image.callbacks
    )


def _called(image: Image, address: int) -> str:
    found = image.symbols.at(address)
    return found.name if found is not None and found.address == address else image.symbols.describe(address)


def render(image: Image, width: int = WIDTH) -> str:
    """Return the functions grouped by source file."""
    found = sorted(functions(image), key=lambda each: each.address)
    columns = [
        Column("address"), Column("size", right=True), Column("line", right=True), Column("site"),
        Column("mod 8..4096"), Column("function"),
    ]  # fmt: skip
    lines = table(columns, [_row(each) for each in found], width).split("\n")
    if len(lines) != len(found) + 1:
        lines = ["", *("\n".join(_entry(each, width)) for each in found)]
    parts = [fields(_totals(image), width, ""), lines[0]]
    file = ""
    for line, each in zip(lines[1:], found, strict=True):
        parts += [f"{each.file}:"] if each.file != file else []
        parts += [line, *_comment(each, width)]
        file = each.file
    return "\n".join(part for part in parts if part)


def _totals(image: Image) -> list[tuple[str, str]]:
    sites = [site.address for site in image.sites]
    counts = {size: sum(size in crossings(site, SITE_SIZE) for site in sites) for size in BOUNDARIES}
    crossing = ", ".join(f"{count} cross {size}" for size, count in counts.items() if count)
    pairs = ", ".join(f"{pair.old} by {pair.new}{' at once' if pair.immediate else ''}" for pair in image.patches)
    around = "; ".join(
        f"{new}: {', '.join(f'{when} {called}' for when, called in calls)}" for new, calls in callbacks(image)
    )
    room = f"{len(sites)}; {crossing or 'none crosses 8 bytes'}"
    return [("kernel", image.name), ("sites", room), ("replaced", pairs), ("callbacks", around)]


def _row(each: Function) -> list[str]:
    site = ["-", ""] if each.site is None else [f"+{each.site - each.address:#x}", _offsets(each.site)]
    return [f"{each.address:x}", f"{each.size:#x}", each.line, *site, each.name]


def _entry(each: Function, width: int) -> list[str]:
    address, size, line, site, offsets, name = _row(each)
    text = f"{name}: {address}, size {size}" + (f", line {line}" if line else "")
    return wrap(text + (f", site {site}, mod 8..4096: {offsets}" if offsets else ""), width, "", "  ")


def _offsets(site: int) -> str:
    return "/".join(str(site % size) for size in BOUNDARIES)


def _comment(each: Function, width: int) -> list[str]:
    if each.site is None or not each.crosses:
        return []
    size = each.crosses[-1]
    before = size - each.site % size
    head, tail = each.code[:before].hex(" "), each.code[before:].hex(" ")
    return wrap(f"/* {head} --- {NAMES[size]} boundary ({size} bytes) --- {tail} */", width, "    ", "       ")
