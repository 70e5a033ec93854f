"""Instruction fetch: which bytes a CPU may execute at an address, under each model (rules R2 to R5).

Only granules that contain mutable text are tracked: what never changes cannot be stale. Under the lazy rules a
choice is made when an instruction is executed, among the values that each granule can still have; under the
literal rules reading ahead and dropping are steps of their own. Both give the same verdicts (a test compares).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulator.machine.memory import BootImage, Cells, read_cells
from simulator.machine.profiles import Age, Profile
from simulator.machine.rules import Rules
from simulator.machine.vcpu import Fetch
from simulator.x86.decode import Instruction, decode

LONGEST = 15
"""No x86 instruction is longer (SDM 2A 2.3.11)."""

INT3 = 0xCC

QUEUE_BOUND = 4
"""Granules the literal run-ahead queue may hold; the lazy rules have no bound."""


class Candidate(NamedTuple):
    """One way to go on fetching at RIP."""

    code: bytes
    fetch: Fetch
    complete: bool
    """Whether the bytes are a whole instruction (or can never become one)."""
    instruction: Instruction | None
    stale: int = 0
    """Granules taken that were older than memory."""


class Change(NamedTuple):
    """A commit into mutable text as the fetch state of every CPU sees it."""

    address: int
    old: bytes
    new: bytes
    before: tuple[tuple[int, bytes], ...]
    """Tracked granules that changed, with their bytes before."""
    snapshot: bytes
    """All tracked granules before, for run-ahead queues."""


class Text:
    """The mutable text of a machine under one profile. Immutable."""

    def __init__(self, boot: BootImage, profile: Profile, mutable: tuple[tuple[int, int], ...], rules: Rules,
                 *, literal: bool) -> None:  # fmt: skip
        self.boot, self.profile, self.mutable, self.literal = boot, profile, mutable, literal
        self.granule = profile.granule if rules.fetch_split else None
        self.age = profile.age if rules.stale_fetch else Age.NOW
        self.has_state = self.age is not Age.NOW or profile.strict
        self.granules = self._tracked()
        self._offsets = {g: i * (self.granule or 0) for i, g in enumerate(self.granules)}

    def _tracked(self) -> tuple[int, ...]:
        if self.granule is None:
            return ()
        size = self.granule
        starts = {g * size for low, high in self.mutable for g in range(low // size, (high - 1) // size + 1)}
        return tuple(sorted(starts))

    def is_mutable(self, start: int, end: int) -> bool:
        """Say whether any byte of ``[start, end)`` can change."""
        return any(low < end and start < high for low, high in self.mutable)

    def contains(self, start: int, end: int) -> bool:
        """Say whether every byte of ``[start, end)`` lies in one mutable range."""
        return any(low <= start and end <= high for low, high in self.mutable)

    # what a CPU may fetch ------------------------------------------------------------------------------

    def candidates(self, fetch: Fetch, memory: Cells, rip: int) -> tuple[Candidate, ...]:
        """Return every way to fetch at ``rip``; the first takes memory's bytes wherever it may."""
        if self.literal or self.age is Age.NOW:
            return (self._step(fetch, memory, rip),)
        if self.age is Age.HELD:
            return tuple(self._held(memory, rip, b"", fetch, 0))
        return tuple(self._queued(memory, rip, b"", fetch, 0, 0))

    def _piece(self, memory: Cells, address: int, rip: int) -> bytes:
        size = self.granule
        end = rip + LONGEST if size is None else min((address // size + 1) * size, rip + LONGEST)
        return read_cells(self.boot, memory, address, end - address)

    def _step(self, fetch: Fetch, memory: Cells, rip: int) -> Candidate:
        """Read the next granule of the instruction, and go on through text that cannot change."""
        code = fetch.partial
        while True:
            address = rip + len(code)
            piece, fetch, stale = self._read(fetch, memory, address, rip)
            code += piece
            instruction = decode(code, rip)
            if instruction is not None or len(code) >= LONGEST:
                return Candidate(_cut(code, instruction), fetch._replace(partial=b""), True, instruction, stale)
            if self._start(address) in self._offsets:
                return Candidate(code, fetch._replace(partial=code), False, None, stale)

    def _read(self, fetch: Fetch, memory: Cells, address: int, rip: int) -> tuple[bytes, Fetch, int]:
        piece = self._piece(memory, address, rip)
        start = self._start(address)
        if not self.literal or self.age is Age.NOW or start not in self._offsets:
            return piece, fetch, 0
        now = self.content(memory, start)
        if self.age is Age.HELD:
            held = dict(fetch.held)
            value = held.setdefault(start, (now,))[0]
            fetch = fetch._replace(held=tuple(sorted(held.items())))
        elif fetch.held and fetch.held[0][0] == start:
            value, fetch = fetch.held[0][1][0], fetch._replace(held=fetch.held[1:])
        else:  # nothing was read ahead, or something else was predicted
            value, fetch = now, fetch._replace(held=())
        return value[address - start :][: len(piece)], fetch, int(value != now)

    def _start(self, address: int) -> int:
        return 0 if self.granule is None else address // self.granule * self.granule

    def content(self, memory: Cells, start: int) -> bytes:
        """Return the bytes of a granule in memory."""
        return read_cells(self.boot, memory, start, self.granule or 0)

    def snapshot(self, memory: Cells) -> bytes:
        """Return the bytes of all tracked granules in memory."""
        return b"".join(self.content(memory, start) for start in self.granules)

    def _held(self, memory: Cells, rip: int, code: bytes, fetch: Fetch, stale: int) -> Iterator[Candidate]:
        address = rip + len(code)
        piece = self._piece(memory, address, rip)
        start = self._start(address)
        if start not in self._offsets:
            yield from self._extend(memory, rip, code + piece, fetch, stale)
            return
        older = dict(fetch.held).get(start, ())
        values = (*older, self.content(memory, start))
        for index in _distinct(values):
            rest = tuple(entry for entry in fetch.held if entry[0] != start)
            if index < len(older):  # it was held all the while, so what came in between was never read
                rest = tuple(sorted((*rest, (start, (older[index],)))))
            taken = values[index][address - start :][: len(piece)]
            was_stale = int(values[index] != values[-1])
            yield from self._extend(memory, rip, code + taken, fetch._replace(held=rest), stale + was_stale)

    def _extend(self, memory: Cells, rip: int, code: bytes, fetch: Fetch, stale: int) -> Iterator[Candidate]:
        instruction = decode(code, rip)
        if instruction is not None or len(code) >= LONGEST:
            yield Candidate(_cut(code, instruction), fetch, True, instruction, stale)
        else:
            yield from self._held(memory, rip, code, fetch, stale)

    def _queued(
        self, memory: Cells, rip: int, code: bytes, fetch: Fetch, index: int, stale: int
    ) -> Iterator[Candidate]:
        """Read in order from one history of the text: no granule older than the one read before it."""
        instruction = decode(code, rip) if code else None
        if instruction is not None or len(code) >= LONGEST:
            yield Candidate(_cut(code, instruction), _advance(fetch, index), True, instruction, stale)
            return
        address = rip + len(code)
        piece = self._piece(memory, address, rip)
        start = self._start(address)
        if start not in self._offsets:
            yield from self._queued(memory, rip, code + piece, fetch, index, stale)
            return
        history = (*(fetch.held[0][1] if fetch.held else ()), self.snapshot(memory))
        offset = self._offsets[start]
        values = tuple(snapshot[offset : offset + (self.granule or 0)] for snapshot in history)
        first = max(index, dict(fetch.floors).get(start, 0))
        for chosen in _distinct(values[first:]):
            taken = values[first + chosen]
            was_stale = int(taken != values[-1])
            piece_taken = taken[address - start :][: len(piece)]
            yield from self._queued(memory, rip, code + piece_taken, fetch, first + chosen, stale + was_stale)

    # what changes a fetch state ------------------------------------------------------------------------

    def change(self, memory: Cells, after: Cells, address: int, length: int) -> Change | None:
        """Describe a commit for the other CPUs; None when it does not touch mutable text."""
        if not self.is_mutable(address, address + length):
            return None
        before = tuple(
            (start, self.content(memory, start))
            for start in self.granules
            if self.content(memory, start) != self.content(after, start)
        )
        old, new = (read_cells(self.boot, cells, address, length) for cells in (memory, after))
        return Change(address, old, new, before, self.snapshot(memory) if before else b"")

    def observe(self, fetch: Fetch, change: Change, *, own: bool, evict: bool) -> Fetch:
        """Return the fetch state after a commit: what could have been read ahead is kept as a choice.

        ``own`` says that this CPU's store was committed, ``evict`` that it drops the granules it hit.
        """
        if self.profile.strict and not own:
            fetch = fetch._replace(dirty=_dirtied(fetch.dirty, change))
        if self.age is Age.NOW:
            return fetch
        if self.literal:
            return self._drop(fetch, change) if own and evict else fetch
        if self.age is Age.HELD:
            held = dict(fetch.held)
            for start, value in change.before:
                older = held.pop(start, ())
                if not (own and evict):
                    held[start] = older if older and older[-1] == value else (*older, value)
            return fetch._replace(held=tuple(sorted(held.items())))
        return self._remember(fetch, change, own=own and evict)

    def _remember(self, fetch: Fetch, change: Change, *, own: bool) -> Fetch:
        if not change.before:
            return fetch
        history = (*(fetch.held[0][1] if fetch.held else ()), change.snapshot)
        floors = dict(fetch.floors)
        if own:
            floors.update((start, len(history)) for start, _ in change.before)
        return fetch._replace(held=((0, history),), floors=tuple(sorted(floors.items())))

    def _drop(self, fetch: Fetch, change: Change) -> Fetch:
        hit = {self._start(change.address + i) for i in range(len(change.new))}
        if self.age is Age.HELD:
            return fetch._replace(held=tuple(entry for entry in fetch.held if entry[0] not in hit))
        kept = []
        for entry in fetch.held:
            if entry[0] in hit:
                break  # a queue is in order: what was read behind the hit is read again
            kept.append(entry)
        return fetch._replace(held=tuple(kept))

    # literal reading ahead -------------------------------------------------------------------------------

    def prefetches(self, fetch: Fetch) -> tuple[int, ...]:
        """Return the granules that may be read ahead now (literal rules)."""
        if not self.literal or self.age is Age.NOW:
            return ()
        if self.age is Age.QUEUE:
            return self.granules if len(fetch.held) < QUEUE_BOUND else ()
        held = dict(fetch.held)
        return tuple(start for start in self.granules if start not in held)

    def prefetch(self, fetch: Fetch, memory: Cells, start: int) -> Fetch:
        """Read a granule ahead and hold it."""
        entry = (start, (self.content(memory, start),))
        if self.age is Age.QUEUE:
            return fetch._replace(held=(*fetch.held, entry))
        return fetch._replace(held=tuple(sorted((*fetch.held, entry))))

    def evictions(self, fetch: Fetch) -> tuple[int, ...]:
        """Return the granules that may be dropped now (literal rules)."""
        if not self.literal or self.age is not Age.HELD:
            return ()
        return tuple(start for start, _ in fetch.held)

    @staticmethod
    def evict(fetch: Fetch, start: int) -> Fetch:
        """Drop a held granule."""
        return fetch._replace(held=tuple(entry for entry in fetch.held if entry[0] != start))

    # strict reading --------------------------------------------------------------------------------------

    @staticmethod
    def undefined(fetch: Fetch, rip: int, length: int) -> bool:
        """Say whether executing ``length`` bytes at ``rip`` is undefined (R7).

        It is not if only the first byte was stored, each time from or to INT3.
        """
        hit = [(address, hard) for address, hard in fetch.dirty if rip <= address < rip + length]
        return any(address != rip or hard for address, hard in hit)


def _dirtied(dirty: tuple[tuple[int, bool], ...], change: Change) -> tuple[tuple[int, bool], ...]:
    """Return the bytes stored since the last flush; hard are those stored over without INT3 before or after."""
    known = dict(dirty)
    for offset, (old, new) in enumerate(zip(change.old, change.new, strict=True)):
        address = change.address + offset
        known[address] = known.get(address, False) or INT3 not in (old, new)
    return tuple(sorted(known.items()))


def _cut(code: bytes, instruction: Instruction | None) -> bytes:
    return code if instruction is None else code[: instruction.length]


def _distinct(values: tuple[bytes, ...]) -> list[int]:
    """Return indices of distinct values, newest first; of equal values the oldest, whose future holds the others'."""
    first: dict[bytes, int] = {}
    for index, value in enumerate(values):
        first.setdefault(value, index)
    newest = first.pop(values[-1])
    return [newest, *sorted(first.values(), reverse=True)]


def _advance(fetch: Fetch, index: int) -> Fetch:
    """Forget the history before ``index``; run-ahead is in order, so it can no longer be fetched."""
    if not fetch.held:
        return fetch
    history = fetch.held[0][1][index:]
    floors = tuple((start, at - index) for start, at in fetch.floors if at > index)
    return fetch._replace(held=((0, history),) if history else (), floors=floors)
