"""One execution as a table: each step of the protocol, and what every CPU executed at the site until the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from simulator.report.table import WIDTH, Column, table
from simulator.report.words import Fact, Rank

_ORDER = ("old", "self", "int3", "new", "torn")


@dataclass(slots=True)
class Span:
    """From one step of the protocol to the next."""

    start: Fact | None
    saw: dict[int, Counter[str]] = field(default_factory=dict)


def spans(facts: Iterable[Fact]) -> Iterator[Span]:
    """Cut an execution at its milestones and count what was executed at the sites between them."""
    span = Span(None)
    for fact in facts:
        if fact.rank is Rank.MILESTONE:
            if span.start is not None or span.saw:
                yield span
            span = Span(fact)
        elif fact.rank is Rank.SEEN:
            span.saw.setdefault(fact.cpu, Counter())[fact.label] += 1
    yield span


def transitions(facts: Iterable[Fact], executing: int, width: int = WIDTH) -> str:
    """Return the table; ``executing`` vCPUs, the first ones, get a column each."""
    found = list(spans(facts))
    columns = [Column("step", right=True), Column("vCPU"), Column("what", wraps=True)]
    columns += [Column(f"vCPU{cpu} saw", wraps=True) for cpu in range(executing)]
    rows = []
    for span in found:
        start = span.start
        head = [f"#{start.number}", str(start.cpu), start.text] if start else ["#1", "", "start"]
        rows.append(head + [_saw(span.saw.get(cpu)) for cpu in range(executing)])
    return table(columns, rows, width)


def _saw(counts: Counter[str] | None) -> str:
    if not counts:
        return ""
    known = sorted(counts, key=lambda label: (_ORDER.index(label) if label in _ORDER else 1, label))
    return ", ".join(f"{label}\u00a0{counts[label]}" for label in known)
