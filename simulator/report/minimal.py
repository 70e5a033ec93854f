"""A protocol taken apart, as tables with a column per fetch model, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.machine.profiles import PROFILES
from simulator.patching.steps import describe
from simulator.patching.variants import Variant
from simulator.report.documents import Document
from simulator.report.table import WIDTH, Column, table, wrap
from simulator.scenario.minimize import FARTHEST, Answer, Found, Minimized, Row


def minimal(found: Minimized, width: int = WIDTH) -> str:
    """Return what each step is needed for, the smallest safe protocols, and the nearest where it is not safe."""
    parts = [_steps(found, width)]
    if found.minimal:
        parts.append(_variants("smallest safe", found.minimal, found, width))
        parts.append("m: safe, while nothing with fewer of its steps is; s: safe; -: not safe")
    else:
        parts.append("Nothing that is made of these steps is proven safe under any of these models.")
    if found.repairs:
        parts.append(_variants("nearest safe", found.repairs, found, width))
        parts.append("r: safe where the protocol itself is not")
    parts.append("\n".join(line for sentence in _sentences(found) for line in wrap(sentence, width, "", "  ")))
    return "\n\n".join(parts)


def models(profiles: Sequence[str]) -> str:
    """Return fetch models with the letters that head their columns."""
    return ", ".join(f"{PROFILES[name].letter}\u00a0{name}" for name in profiles)


def content(found: Minimized) -> Document:
    """Return the same as a part of a JSON document."""
    return {
        "profiles": list(found.profiles),
        "steps": [
            {"step": describe(step), "needed": [name for name in found.profiles if name in needed]}
            for step, needed in zip(found.steps, found.needed, strict=True)
        ],
        "whole": _answers(found.whole), "minimal": [_variant(each) for each in found.minimal],
        "repairs": [_variant(each) for each in found.repairs], "beyond_repair": list(found.beyond_repair),
        "orders": found.orders, "checked": found.checked, "unfinished": found.unfinished,
    }  # fmt: skip


def places(variant: Variant) -> str:
    """Return a variant as numbers of the protocol's steps, counted from 1; ``sync`` is one that was put in."""
    return " ".join("sync" if place is None else str(place + 1) for place in variant)


def _steps(found: Minimized, width: int) -> str:
    rows = []
    for number, (step, row) in enumerate(zip(found.steps, found.without, strict=True), 1):
        marks = [_need(row.get(name), found.whole[name]) for name in found.profiles]
        rows.append([str(number), describe(step), *marks])
    rows.append(["", "all of them", *(_mark(found.whole[name], "s") for name in found.profiles)])
    columns = [Column("", right=True), Column("step", wraps=True), *_models(found)]
    return "\n".join([table(columns, rows, width), "", "n: not safe without it; .: safe without it alone"])


def _variants(heading: str, listed: Sequence[Found], found: Minimized, width: int) -> str:
    letter = "r" if listed[0].edits else "m"
    rows = [
        [
            places(each.variant),
            *(_mark(each.row[name], letter if name in each.best else "s") for name in found.profiles),
        ]
        for each in listed
    ]
    return table([Column(heading, wraps=True), *_models(found)], rows, width)


def _models(found: Minimized) -> list[Column]:
    return [Column(PROFILES[name].letter) for name in found.profiles]


def _need(without: Answer | None, whole: Answer) -> str:
    """Return what becomes of a safe protocol without a step; None: it does not end in the new text."""
    if not whole.safe:
        return ""
    return "n" if without is None else "." if without.safe else "?" if without.unfinished else "n"


def _mark(answer: Answer, safe: str) -> str:
    return safe if answer.safe else "?" if answer.unfinished else "-"


def _sentences(found: Minimized) -> Iterator[str]:
    orders = "and every order of stores and syncs" if found.orders else "in this order"
    yield f"{found.checked:,} protocols checked; of these steps, every subset {orders} that ends in the new text."
    if found.beyond_repair:
        names = ", ".join(found.beyond_repair)
        yield f"Within {FARTHEST} edits (drop, swap, put in a sync) nothing is safe under {names}."
    if found.unfinished:
        yield f"{found.unfinished:,} checks were stopped by a limit (?); they count as not safe."


def _variant(found: Found) -> Document:
    return {
        "places": list(found.variant), "edits": found.edits, "best": [name for name in found.row if name in found.best],
        "answers": _answers(found.row),
    }  # fmt: skip


def _answers(row: Row) -> Document:
    return {name: {"verdict": answer.label, "below": answer.below or None} for name, answer in row.items()}
