"""One instruction's view of memory: permissions, private memory, store forwarding, and what it made visible.

A ``Bus`` lives for one transition. It turns loads and stores at any guest address into changes of shared
memory, of the CPU's private memory, or of its store buffer, and records the events.
"""

from __future__ import annotations

from typing import NamedTuple

from simulator.errors import ScenarioError
from simulator.machine import store_buffer
from simulator.machine.engine import PageFault
from simulator.machine.events import Committed, Event, Flushed, Identified, Loaded, Stored
from simulator.machine.fetch import Change, Text
from simulator.machine.memory import Access, BootImage, Cells, Region, read_cells, write_cells
from simulator.machine.store_buffer import DATA_GRANULE, Buffer
from simulator.machine.vcpu import VCpu

MASK = (1 << 64) - 1
_READ, _WRITE, _EXECUTE = int(Access.READ), int(Access.WRITE), int(Access.EXECUTE)


class Identity(NamedTuple):
    """Memory that tells one CPU from another: touching it makes CPUs not interchangeable."""

    areas: tuple[tuple[int, int], ...]
    """The shared per-CPU areas."""
    telltales: frozenset[int]
    """Words of private memory whose boot value is not the same on every CPU."""


class Bus:
    """Loads and stores of one vCPU during one transition."""

    def __init__(self, boot: BootImage, text: Text, vcpu: VCpu, memory: Cells, identity: Identity,
                 *, split: bool) -> None:  # fmt: skip
        self._boot, self._text, self._vcpu, self._identity, self._split = (boot, text, vcpu, identity, split)
        self.memory: Cells = memory
        self.private: Cells = vcpu.private
        self.stores: Buffer = vcpu.stores
        self.changes: list[Change] = []
        self.own: list[tuple[Change, bool]] = []
        """Changes of text by LOCKed stores of this instruction, each with whether it was aliased."""
        self.events: list[Event] = []
        self.visible = False
        self.flushes = False

    def load(self, address: int, size: int) -> bytes:
        """Return what the CPU reads. Raises PageFault."""
        return self._load(address, size)[0]

    def _load(self, address: int, size: int) -> tuple[bytes, int, bool]:
        region = self._region(address, size, _READ)
        where = region.canonical(address)
        if region.owner is not None:
            return read_cells(self._boot, self.private, where, size), where, False
        data = read_cells(self._boot, self.memory, where, size)
        constant = not self._boot.permits(address, _WRITE) and not self._text.is_mutable(where, where + size)
        return (data, where, False) if constant else (store_buffer.forward(self.stores, where, data), where, True)

    def note_load(self, address: int, size: int) -> None:
        """Record a load that the instruction made, as an event if other CPUs could change it."""
        data, where, shared = self._load(address, size)
        if shared:
            self.visible = True
            self.events.append(Loaded(self._vcpu.number, where, data))
        self._note_identity(where, size)

    def check_store(self, address: int, size: int) -> None:
        """Raise PageFault where a store is not permitted, before anything is changed."""
        region = self._region(address, size, _WRITE)
        if region.alias_of is not None or self._boot.permits(address, _EXECUTE):
            where = region.canonical(address)
            if not self._text.contains(where, where + size):
                raise PageFault(address, "store into text that no patch site declares", write=True)

    def store(self, address: int, data: bytes, *, locked: bool = False) -> None:
        """Store to private memory, to memory at once (LOCKed), or into the store buffer."""
        region = self._region(address, len(data), _WRITE)
        where = region.canonical(address)
        if region.owner is not None:
            self.private = write_cells(self._boot, self.private, where, data)
            return
        self.visible = True
        self._note_identity(where, len(data))
        self.events.append(Stored(self._vcpu.number, where, data, locked))
        aliased = region.alias_of is not None
        if locked:
            change = self._commit(where, data)
            self.own += [(change, aliased)] if change is not None else []
            return
        chunks = store_buffer.split(where, data, self._granule(where, len(data)), aliased=aliased)
        self.stores = (*self.stores, chunks)

    def commit(self, store: int, chunk: int) -> tuple[Change | None, bool]:
        """Make one pending chunk visible; return the change of text it made, and whether it was aliased."""
        piece, self.stores = store_buffer.pop(self.stores, store, chunk)
        self.visible = True
        return self._commit(piece.address, piece.data), piece.aliased

    def _commit(self, where: int, data: bytes) -> Change | None:
        after = write_cells(self._boot, self.memory, where, data)
        change = self._text.change(self.memory, after, where, len(data))
        if change is not None:
            self.changes.append(change)
        self.memory = after
        self.events.append(Committed(self._vcpu.number, where, data))
        return change

    def flushed(self) -> None:
        """Record that the fetch state was emptied; where there is one, the moment matters to others' stores."""
        self.events.append(Flushed(self._vcpu.number))
        self.flushes = self._text.has_state

    def _granule(self, where: int, size: int) -> int | None:
        granule = self._text.profile.store_granule
        if granule is None or not self._split:
            return None
        return granule if self._text.is_mutable(where, where + size) else max(granule, DATA_GRANULE)

    def _region(self, address: int, size: int, wanted: int) -> Region:
        first = self._boot.region(address)
        if first is None or address + size > first.end:
            self._require(self._boot.region(address + size - 1), address + size - 1, wanted)
        return self._require(first, address, wanted)

    def _require(self, region: Region | None, address: int, wanted: int) -> Region:
        write = wanted == _WRITE
        if region is None:
            raise PageFault(address, "no memory there", write=write)
        if not self._boot.permits(address, wanted):
            raise PageFault(address, f"{region.name} is not {'writable' if write else 'readable'}", write=write)
        if region.owner is not None and region.owner != self._vcpu.number:
            raise ScenarioError(
                f"vCPU{self._vcpu.number} touched {address:#x} in {region.name}, declared private to "
                f"vCPU{region.owner}; move what is shared to .data..percpu..shared_aligned or .data"
            )
        return region

    def _note_identity(self, where: int, size: int) -> None:
        for low, high in self._identity.areas:
            if low <= where < high:
                self.identified(f"touched a shared per-CPU area at {where:#x}")
        if self._identity.telltales and not self._identity.telltales.isdisjoint(range(where & ~7, where + size, 8)):
            self.identified(f"read its own number at {where:#x}")

    def identified(self, reason: str) -> None:
        """Record that the guest told this CPU from another."""
        self.visible = True
        self.events.append(Identified(self._vcpu.number, reason))
