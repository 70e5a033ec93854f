"""A guest kernel as a list of functions: address, size, patch site and what the site crosses.

A site that crosses a boundary gets a comment in the manner of pahole, under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.guest.image import Image
from simulator.patching.sites import SITE_SIZE
from simulator.report.header import BOUNDARIES, crossings
from simulator.report.table import WIDTH, Column, fields, table

_NAMES = {8: "quadword", 16: "16 bytes", 32: "half line", 64: "cacheline", 4096: "page"}


@dataclass(frozen=True, slots=True)
class Function:
    """A function of a guest, with its patch site if it has one."""

    name: str
    address: int
    size: int
    site: int | None
    code: bytes
    """The bytes at the site."""
    source: str
    replaces: str = ""

    @property
    def crosses(self) -> tuple[int, ...]:
        """Return the boundaries inside the site."""
        return () if self.site is None else tuple(crossings(self.site, SITE_SIZE))


def functions(image: Image) -> tuple[Function, ...]:
    """Return the functions of an image by address."""
    sites = {site.function: site.address for site in image.sites}
    replaces = {pair.new: pair.old for pair in image.patches}
    found = []
    for symbol in sorted(image.symbols, key=lambda each: (each.address, each.name)):
        if symbol.kind != "function" or not symbol.size:
            continue
        site = sites.get(symbol.name)
        code = image.read(site, SITE_SIZE) if site is not None else b""
        source = image.source(symbol.address) or symbol.object
        found.append(Function(symbol.name, symbol.address, symbol.size, site, code, source, replaces.get(symbol.name, "")))
    return tuple(found)


def render(image: Image, width: int = WIDTH) -> str:
    """Return the functions grouped by source file."""
    groups: dict[str, list[Function]] = {}
    for function in functions(image):
        groups.setdefault(function.source.rpartition(":")[0] or function.source, []).append(function)
    parts = [fields(_totals(image), width, "")]
    for source, members in groups.items():
        parts.append(f"{source}\n{_table(members, width)}")
    return "\n\n".join(parts)


def _totals(image: Image) -> list[tuple[str, str]]:
    sites = [site.address for site in image.sites]
    crossing = ", ".join(
        f"{size}: {sum(size in crossings(site, SITE_SIZE) for site in sites)}" for size in BOUNDARIES
    )
    pairs = ", ".join(f"{pair.old} by {pair.new}" for pair in image.patches)
    return [("kernel", image.name), ("sites", f"{len(sites)}; crossing {crossing}"), ("replaced", pairs)]


def _table(members: Sequence[Function], width: int) -> str:
    columns = [
        Column("address"), Column("size", right=True), Column("line", right=True), Column("function"), Column("site"),
        *(Column(f"%{size}", right=True) for size in BOUNDARIES),
    ]  # fmt: skip
    rows: list[list[str]] = []
    for each in members:
        offsets = [str(each.site % size) if each.site is not None else "" for size in BOUNDARIES]
        site = "-" if each.site is None else f"+{each.site - each.address:#x}"
        line = each.source.rpartition(":")[2] if ":" in each.source else ""
        rows.append([f"{each.address:x}", f"{each.size:#x}", line, each.name, site, *offsets])
    lines = table(columns, rows, width).split("\n")
    if len(lines) != len(rows) + 1:  # too narrow for a table: the comments go below
        return "\n".join([*lines, *(comment for each in members for comment in _comments(each))])
    result = lines[:1]
    for line, each in zip(lines[1:], members, strict=True):
        result += [line, *_comments(each)]
    return "\n".join(result)


def _comments(each: Function) -> list[str]:
    if each.site is None or not each.crosses:
        return []
    size = each.crosses[-1]
    before = size - each.site % size
    head, tail = each.code[:before].hex(" "), each.code[before:].hex(" ")
    return [f"  /* {each.name}: {head} --- {_NAMES[size]} boundary ({size} bytes) --- {tail} */"]
