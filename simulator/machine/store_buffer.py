"""The store buffer of x86-TSO, with stores that may become visible in pieces (rule R1).

Stores go to a FIFO per CPU, loads forward from it, and draining the oldest entry is a choice of its own. An
instruction that drains is simply not enabled before the buffer is empty: the commits that empty it are choices
already, so nothing is lost. Source: Owens, Sarkar, Sewell, "A Better x86 Memory Model: x86-TSO" (TPHOLs 2009).
"""

from __future__ import annotations

from simulator.machine.vcpu import Chunk

Buffer = tuple[tuple[Chunk, ...], ...]

DATA_GRANULE = 8
"""Both vendors keep a store inside an aligned quadword whole for data (APM 2, 7.3.2; SDM 3A 9.1.1)."""


def split(address: int, data: bytes, granule: int | None, *, aliased: bool) -> tuple[Chunk, ...]:
    """Split a store at multiples of ``granule`` bytes (None: one piece)."""
    if granule is None:
        return (Chunk(address, data, aliased),)
    chunks = []
    while data:
        room = granule - address % granule
        chunks.append(Chunk(address, data[:room], aliased))
        address, data = address + room, data[room:]
    return tuple(chunks)


def forward(buffer: Buffer, address: int, data: bytes) -> bytes:
    """Return what a load sees: memory's bytes overlaid with the CPU's own pending stores, youngest last."""
    if not buffer:
        return data
    seen = bytearray(data)
    for store in buffer:
        for chunk in store:
            low, high = max(address, chunk.address), min(address + len(data), chunk.address + len(chunk.data))
            if low < high:
                seen[low - address : high - address] = chunk.data[low - chunk.address : high - chunk.address]
    return bytes(seen)


def pop(buffer: Buffer, store: int, chunk: int) -> tuple[Chunk, Buffer]:
    """Take one chunk of one pending store; the store leaves the buffer with its last chunk."""
    entry = buffer[store]
    rest = entry[:chunk] + entry[chunk + 1 :]
    kept = (rest,) if rest else ()
    return entry[chunk], buffer[:store] + kept + buffer[store + 1 :]


def overlaps(buffer: Buffer, start: int, end: int, *, aliases: bool) -> bool:
    """Say whether a pending store hits ``[start, end)``; ``aliases`` counts those through another mapping."""
    return any(
        chunk.address < end and start < chunk.address + len(chunk.data) and (aliases or not chunk.aliased)
        for store in buffer
        for chunk in store
    )
