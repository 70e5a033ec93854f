"""Which universe a task is in: the property that consistency models are for.

Every version of a patched function belongs to one universe or several. What one task executes between two
entries into the kernel, and what one interrupt handler executes, must have a universe in common (Linux,
Documentation/livepatch/livepatch.rst, "Consistency model"; V. Pavlik, LWN 596776).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from simulator.machine.events import Delivered, Event, Executed, Returned

ANY = -1
"""The set of all universes, as a bit mask."""
_BREAKPOINT = 3
_IN_BREAKPOINT = -1


@dataclass(frozen=True, slots=True)
class Universes:
    """Where the universes show in one guest. Masks have bit n for the functions after n patches."""

    versions: Mapping[int, int]
    """First address of the body of each version of a function: the mask of its universes."""
    entries: frozenset[int]
    """Addresses at which a task holds nothing of the past: kernel entry, safe points of kthreads."""
    slots: Mapping[int, int]
    """Addresses at which a CPU goes on with another one of its tasks: the number of that task."""
    retired: frozenset[int]
    """Exits to old versions that nobody may take once every patcher is done."""


class Past(NamedTuple):
    """What one CPU's tasks, and the handlers it is in, have run."""

    slot: int = 0
    """The task that the CPU runs."""
    tasks: tuple[tuple[int, int], ...] = ()
    """Masks of the universes that fit each task so far; a task that fits all is left out."""
    handlers: tuple[tuple[int, int], ...] = ()
    """Where each handler interrupted, and its mask; a #BP, which acts for whom it interrupts, has no own."""


def shown(past: Past) -> int:
    """Return the mask of the universes that fit whoever the CPU runs: its innermost handler, else its task."""
    masks = _masks(past)
    return masks[-1] if masks else dict(past.tasks).get(past.slot, ANY)


def interrupting(past: Past) -> bool:
    """Say whether the CPU runs an interrupt handler, not a task; a #BP acts for whom it interrupts."""
    return bool(_masks(past))


def step(universes: Universes, past: Past, event: Event) -> tuple[Past, bool]:
    """Return the past after an event, and whether it mixed universes."""
    if isinstance(event, Executed):
        return _executed(universes, past, event.address)
    if isinstance(event, Delivered):
        where = _IN_BREAKPOINT if event.vector == _BREAKPOINT else event.interrupted
        return past._replace(handlers=(*past.handlers, (where, ANY))), False
    if isinstance(event, Returned) and past.handlers and past.handlers[-1][0] in (_IN_BREAKPOINT, event.to):
        return past._replace(handlers=past.handlers[:-1]), False  # any other IRET is a CPU that serializes
    return past, False


def _executed(universes: Universes, past: Past, address: int) -> tuple[Past, bool]:
    if address in universes.slots:
        return past._replace(slot=universes.slots[address]), False
    if address in universes.entries and not past.handlers:
        return _with_task(past, ANY), False
    version = universes.versions.get(address)
    if version is None:
        return past, False
    for number in range(len(past.handlers) - 1, -1, -1):
        where, mask = past.handlers[number]
        if where != _IN_BREAKPOINT:
            handler = (where, mask & version or version)
            handlers = (*past.handlers[:number], handler, *past.handlers[number + 1 :])
            return past._replace(handlers=handlers), not mask & version
    mask = dict(past.tasks).get(past.slot, ANY)
    return _with_task(past, mask & version or version), not mask & version


def _with_task(past: Past, mask: int) -> Past:
    others = tuple(entry for entry in past.tasks if entry[0] != past.slot)
    return past._replace(tasks=others if mask == ANY else tuple(sorted((*others, (past.slot, mask)))))


def _masks(past: Past) -> list[int]:
    """Return the masks of the handlers that have one of their own, the innermost last."""
    return [mask for where, mask in past.handlers if where != _IN_BREAKPOINT]
