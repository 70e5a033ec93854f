"""The rules of the machine that a test may switch off, to show which scenarios depend on each.

All are on in every run a user can start. The mutation check (tests/semantics/test_mutations.py) switches each off in
turn and demands that some shipped scenario notices.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """One flag per guard of the machine; the comment gives the source of each."""

    interrupt_flag: bool = True
    """A maskable interrupt waits for IF=1 (SDM 3A 6.8.1)."""
    gate_clears_flag: bool = True
    """An interrupt gate clears IF (SDM 3A 6.12.1.3)."""
    nmi_blocking: bool = True
    """An NMI blocks further NMIs until an IRET (SDM 3A 6.7.1)."""
    iret_unblocks_nmi: bool = True
    """*Any* IRET unblocks NMIs, also one from a #BP inside the NMI handler (SDM 3A 6.7.1)."""
    iret_flush: bool = True
    """IRET empties the fetch state (it is a serializing instruction)."""
    serialize_flush: bool = True
    """The other serializing instructions empty the fetch state."""
    fence_drain: bool = True
    """MFENCE and serializing instructions wait for the store buffer."""
    lock_drain: bool = True
    """A LOCKed instruction waits for the store buffer (x86-TSO)."""
    store_order: bool = True
    """The store buffer is first in, first out (x86-TSO)."""
    store_split: bool = True
    """A plain store of text becomes visible in pieces of the store granule (R1)."""
    fetch_split: bool = True
    """An instruction is fetched granule by granule (R2)."""
    stale_fetch: bool = True
    """A granule may be older than memory, as the profile says (R3)."""
    drop_partial: bool = True
    """Delivery of an event drops a partly fetched instruction (R6)."""
    own_store_evicts: bool = True
    """A CPU's own store is seen by its own fetch (R1)."""
    strict_undefined: bool = True
    """The strict profile calls unsynchronised modification undefined (R7)."""
    interrupt_priority: bool = True
    """A vector waits for the end of one of its own class or higher in service (SDM 3A 10.8.3)."""
    ist_switch: bool = True
    """A gate with an IST index switches to that stack (SDM 3A 6.14.5)."""
    trap_saves_next: bool = True
    """The frame of #BP holds the address behind the INT3 (SDM 3A 6.15)."""


ALL_RULES = Rules()
