"""Protocols near a protocol: with steps left out, in another order, or a few edits away. A check says which are safe.

A variant is a tuple of *places*: indexes into the steps of the protocol it was made from, ``None`` for a sync that was
put in. Variants that come to the same steps are yielded once, under the first places that give them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, combinations

from simulator.patching.steps import Step, Store, Sync, SyncCores, written

Steps = tuple[Step, ...]
Variant = tuple[int | None, ...]


def steps_of(variant: Variant, steps: Steps) -> Steps:
    """Return the steps of a variant of a protocol with these ``steps``."""
    added = sync_of(steps)
    return tuple(added if place is None else steps[place] for place in variant)


def sync_of(steps: Steps) -> SyncCores:
    """Return the sync that is put into a protocol: its own kind, an IPI where it has none."""
    found = (step for step in steps if isinstance(step, SyncCores) and step.how is not Sync.DELAY)
    return next(found, SyncCores())


def fewer(steps: Steps) -> Iterator[Variant]:
    """Yield every subset of the steps in their order, all of them first, then one less, and so on."""
    places = range(len(steps))
    return _once((kept for size in range(len(steps), -1, -1) for kept in combinations(places, size)), steps)


def reordered(steps: Steps) -> Iterator[Variant]:
    """Yield every subset, then each with its stores and syncs in every order; other steps keep their places."""
    return _once(chain(fewer(steps), (order for kept in fewer(steps) for order in _orders(kept, steps))), steps)


def neighbours(variants: Iterable[Variant], steps: Steps) -> Iterator[Variant]:
    """Yield what is one edit from the variants: a step dropped, two exchanged that stand together, a sync put in."""
    return _once((edited for variant in variants for edited in _edited(variant)), steps)


def completes(steps: Steps, old: bytes, new: bytes) -> bool:
    """Say whether the stores, one after another, turn the ``old`` text at a site into the ``new`` one.

    Stores of one CPU become visible in their order (x86-TSO), so no schedule ends with other bytes. Both texts
    go on behind the site as far as any store reaches.
    """
    text = bytearray(old)
    for step in steps:
        if isinstance(step, Store):
            data = written(step, new)
            text[step.offset : step.offset + len(data)] = data
    return bytes(text) == new


def _edited(variant: Variant) -> Iterator[Variant]:
    for place in range(len(variant)):
        yield (*variant[:place], *variant[place + 1 :])
    for place in range(len(variant) - 1):
        yield (*variant[:place], variant[place + 1], variant[place], *variant[place + 2 :])
    for place in range(len(variant) + 1):
        yield (*variant[:place], None, *variant[place:])


def _orders(kept: Variant, steps: Steps) -> Iterator[Variant]:
    """Yield the variant with its movable steps in every order that differs, its own first."""
    moving = [place for place in kept if place is not None and isinstance(steps[place], Store | SyncCores)]
    for order in _arrangements(tuple(moving), steps):
        rest = iter(order)
        yield tuple(next(rest) if place in moving else place for place in kept)


def _arrangements(places: tuple[int, ...], steps: Steps) -> Iterator[tuple[int, ...]]:
    if not places:
        yield ()
    tried: set[Step] = set()
    for number, place in enumerate(places):
        if steps[place] not in tried:
            tried.add(steps[place])
            for rest in _arrangements((*places[:number], *places[number + 1 :]), steps):
                yield (place, *rest)


def _once(variants: Iterable[Variant], steps: Steps) -> Iterator[Variant]:
    seen: set[Steps] = set()
    for variant in variants:
        found = steps_of(variant, steps)
        if found not in seen:
            seen.add(found)
            yield variant
