"""Protocols without a breakpoint: what one would write first, and what some systems ship.

``jmp-self`` is HotSpot's ``NativeGeneralJump::replace_mt_safe`` (a jump to itself while the last byte
changes). The others are the stores a memcpy or a single wide store makes.
"""

from __future__ import annotations

from simulator.patching.steps import New, Protocol, Store, SyncCores

SELF_JUMP = b"\xeb\xfe"
_BYTES = tuple(Store(offset, New(offset, offset + 1)) for offset in range(5))
_HEAD, _TAIL = Store(0, New(0, 1)), Store(1, New(1, 5))
_WORD, _LOCKED_WORD = Store(0, New(0, 8)), Store(0, New(0, 8), locked=True)

PROTOCOLS = (
    Protocol("naive-copy", "five one-byte stores, ascending", _BYTES),
    Protocol("naive-copy-down", "five one-byte stores, descending", _BYTES[::-1]),
    Protocol("store8", "one 8-byte store", (_WORD,)),
    Protocol("store8-sync", "one 8-byte store, then a sync", (_WORD, SyncCores())),
    Protocol("locked-store8", "one 8-byte XCHG", (_LOCKED_WORD,)),
    Protocol("locked-store8-sync", "one 8-byte XCHG, then a sync", (_LOCKED_WORD, SyncCores())),
    Protocol("opcode-first", "the opcode, then the address", (_HEAD, _TAIL)),
    Protocol("address-first", "the address, then the opcode", (_TAIL, _HEAD)),
    Protocol("address-first-sync", "the address, a sync, the opcode, a sync",
             (_TAIL, SyncCores(), _HEAD, SyncCores())),
    Protocol("jmp-self", "a jump to itself, the last byte, then the rest",
             (Store(0, SELF_JUMP * 2), Store(4, New(4, 5)), Store(0, New(0, 4))), transients=(SELF_JUMP,)),
)  # fmt: skip
