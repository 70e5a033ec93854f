"""How old the bytes are that a CPU may still fetch: for how many steps memory has had others."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.explore.properties import WatchedSite
from simulator.machine.vcpu import Chunk, VCpu
from simulator.tui.journal import Replaced


def ages(site: WatchedSite, code: bytes, memory: bytes, replaced: Sequence[Replaced], now: int) -> tuple[int, ...]:
    """Return the age of each byte of ``code`` in steps; 0 is what ``memory`` has, the site's bytes now.

    ``replaced`` are the changes of text in order of time; those after step ``now`` do not count.
    """
    past = [each for each in replaced if each.number <= now]
    return tuple(
        0 if offset < len(memory) and byte == memory[offset] else _age(site.address + offset, byte, past, now)
        for offset, byte in enumerate(code)
    )


def _age(address: int, value: int, past: Sequence[Replaced], now: int) -> int:
    """Return how many steps ago memory lost a value; a value it never had is as old as the execution."""
    for change in reversed(past):
        offset = address - change.address
        if 0 <= offset < len(change.old) and change.old[offset] == value:
            return now - change.number + 1
    return now


def waiting(vcpu: VCpu, site: WatchedSite) -> tuple[Chunk, ...]:
    """Return the stores to a site that wait in a CPU's store buffer, the oldest first."""
    return tuple(
        chunk
        for store in vcpu.stores
        for chunk in store
        if chunk.address < site.end and site.address < chunk.address + len(chunk.data)
    )
