"""What happened in one transition: the facts that properties judge and traces show."""

from __future__ import annotations

from typing import NamedTuple

NMI_VECTOR = 2


class Executed(NamedTuple):
    """An instruction was executed. ``stale`` counts its granules that were older than memory."""

    cpu: int
    address: int
    code: bytes
    mutable: bool = False
    """Some of its bytes lie in mutable text."""
    stale: int = 0


class Fetched(NamedTuple):
    """A granule of an instruction was read, and more are needed."""

    cpu: int
    address: int
    code: bytes


class Stored(NamedTuple):
    """A store was executed: it stands in the store buffer, or (LOCKed) in memory."""

    cpu: int
    address: int
    data: bytes
    locked: bool


class Committed(NamedTuple):
    """Bytes of a store became visible to every CPU."""

    cpu: int
    address: int
    data: bytes


class Loaded(NamedTuple):
    """Shared memory was read."""

    cpu: int
    address: int
    data: bytes


class Delivered(NamedTuple):
    """An interrupt, NMI or exception went through the IDT."""

    cpu: int
    vector: int
    interrupted: int
    """The RIP that the frame saves."""
    handler: int


class Returned(NamedTuple):
    """An IRET ended a handler."""

    cpu: int
    to: int


class Posted(NamedTuple):
    """An inter-processor interrupt was sent (x2APIC ICR)."""

    cpu: int
    targets: tuple[int, ...]
    vector: int


class Flushed(NamedTuple):
    """A serializing instruction emptied the fetch state."""

    cpu: int


class Faulted(NamedTuple):
    """An instruction could not be executed: address, bytes and reason."""

    cpu: int
    vector: int
    address: int
    code: bytes
    reason: str


class Undefined(NamedTuple):
    """The strict profile calls what was executed undefined (rule R7)."""

    cpu: int
    address: int
    code: bytes


class Shutdown(NamedTuple):
    """A triple fault stopped the vCPU."""

    cpu: int
    reason: str


class Identified(NamedTuple):
    """Guest code told one CPU from another, so the CPUs are not interchangeable."""

    cpu: int
    reason: str


Event = (
    Executed | Fetched | Stored | Committed | Loaded | Delivered | Returned | Posted | Flushed | Faulted
    | Undefined | Shutdown | Identified
)  # fmt: skip
