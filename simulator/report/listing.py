"""What there is: scenarios, guest kernels, protocols and fetch models, two lines each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.machine.profiles import PROFILES
from simulator.report.table import WIDTH, Column, table, wrap
from simulator.scenario.catalogue import Entry
from simulator.scenario.scenario import Scenario


def scenarios(entries: Sequence[Entry], width: int = WIDTH) -> str:
    """Return the scenarios: name, vCPUs, protocol, expected verdict; under it the title."""
    columns = [Column("scenario"), Column("vCPUs", right=True), Column("protocol"), Column("expected", wraps=True)]
    blocks = []
    for entry in entries:
        found = entry.scenario
        row = [entry.name, str(found.cpus), found.protocol_name, expectation(found)]
        blocks.append((row, "\n".join(wrap(entry.title, width, "    ", "    "))))
    lines = table(columns, [row for row, _ in blocks], 10_000).split("\n")
    if not blocks or max(len(line) for line in lines) > width:
        return "\n".join(
            f"{_short(row, width)}\n{title}" if title.strip() else _short(row, width) for row, title in blocks
        )
    shown = [part for line, (_, title) in zip(lines[1:], blocks, strict=True) for part in (line, title) if part.strip()]
    return "\n".join([lines[0], *shown])


def _short(row: Sequence[str], width: int) -> str:
    name, cpus, protocol, expected = row
    return "\n".join(wrap(f"{name}  {cpus} vCPU{'s' if cpus != '1' else ''}, {protocol}, {expected}", width, "", "  "))


def expectation(scenario: Scenario) -> str:
    """Return the expected verdicts in short: ``safe``, or ``safe; violation:integrity [FGX]``."""
    groups: dict[str, list[str]] = {}
    for name, profile in PROFILES.items():
        groups.setdefault(scenario.expected(name) or "open", []).append(profile.letter)
    if len(groups) == 1:
        return next(iter(groups))
    return "; ".join(f"{verdict} [{''.join(letters)}]" for verdict, letters in groups.items())


def pairs(heading: str, items: Iterable[tuple[str, str]], width: int = WIDTH) -> str:
    """Return names with a sentence each."""
    return table([Column(heading), Column("", wraps=True)], [list(item) for item in items], width)
