"""What a report is about: the scenario, and each patch site as ``objdump -d`` would show it, before and after."""

from __future__ import annotations

from simulator.explore.properties import WatchedSite
from simulator.report.table import WIDTH, fields, wrap
from simulator.report.words import disassembled
from simulator.scenario.build import Built

NAMES = {8: "quadword", 16: "16 bytes", 32: "half line", 64: "cacheline", 4096: "page"}
BOUNDARIES = tuple(NAMES)


def header(name: str, title: str, built: Built, width: int = WIDTH, *, fetch: str = "", choices: str = "") -> str:
    """Return the heading of a report about one scenario; ``fetch`` and ``choices`` say more than ``built`` knows."""
    lines = wrap(f"{name}: {title}" if title else name, width)
    lines.append(fields([*about(built, fetch), ("choices", choices)], width))
    for site in built.subject.watch.sites:
        lines += ["", *site_lines(built, site, width)]
    return "\n".join(lines)


def about(built: Built, fetch: str = "") -> list[tuple[str, str]]:
    """Return what runs on what, as pairs of a name and a text."""
    scenario, config = built.scenario, built.subject.machine.config
    patchers = len(built.subject.watch.patchers)
    story = "" if scenario.patchers or not patchers else f" ({scenario.steps.story})"
    story = f" ({scenario.model.promise})" if scenario.model is not None else story
    return [
        ("kernel", scenario.kernel + (f", patch {scenario.patch}" if scenario.patch else "")),
        ("vCPUs", vcpus(scenario.cpus, patchers)),
        ("protocol", scenario.protocol_name + story if patchers else "nobody patches"),
        ("fetch", fetch or f"{config.profile.name}: {config.profile.reading}"),
        ("data", {"tso": "x86-TSO", "sc": "sequentially consistent"}[config.data_model]),
    ]


def vcpus(executing: int | None, patchers: int) -> str:
    """Return ``2 execute, 1 patches``; None is any number."""
    number = "any number" if executing is None else executing
    words = [f"{number} {'executes' if executing == 1 else 'execute'}"]
    if patchers:
        words.append(f"{patchers} {'patches' if patchers == 1 else 'patch'}")
    return ", ".join(words)


def site_lines(built: Built, site: WatchedSite, width: int = WIDTH) -> list[str]:
    """Return a patch site with each version of its bytes, and where it stands."""
    head = f"<{built.image.symbols.describe(site.address)}>: {placement(site.address, site.length)}"
    lines = wrap(head, width, "  ", "    ")
    for number, version in enumerate(site.versions):
        sign = "-" if number == 0 else "+"
        text = disassembled(built.image, version, site.address)
        line = f"  {sign} {site.address:x}:  {version.hex(' ')}  {text}"
        lines += [line] if len(line) <= width else [f"  {sign} {version.hex(' ')}", f"      {text}"]
    return lines


def placement(address: int, length: int) -> str:
    """Return where a site stands against quadwords and cache lines, and what it crosses."""
    crossed = crossings(address, length)
    where = f"8k+{address % 8} 64k+{address % 64}"
    if not crossed:
        return f"{where}, inside a quadword"
    size = crossed[-1]
    return f"{where}, {size - address % size} bytes before a {NAMES[size]} boundary ({size} bytes)"


def crossings(address: int, length: int) -> list[int]:
    """Return the boundaries that lie inside a site."""
    return [size for size in BOUNDARIES if address % size + length > size]
