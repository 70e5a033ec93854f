"""Framing of the GDB remote serial protocol: ``$data#checksum``, acknowledgements, and Ctrl-C between packets.

The format is that of GDB's manual, appendix E.1, "Overview". In binary data ``}`` escapes the next byte, which is
XORed with 0x20; nothing is run-length encoded on the way out, and nobody does on the way in.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Final

PACKET_SIZE: Final = 0x4000
"""What we announce: the most bytes between ``$`` and ``#``."""
LONGEST: Final = 4 * PACKET_SIZE
"""Whoever sends more without ever ending a packet is no gdb."""
_ESCAPED: Final = b"#$}*"


class Signal(Enum):
    """What can arrive besides packets."""

    INTERRUPT = "interrupt"
    """Ctrl-C."""
    DAMAGED = "damaged"
    """A packet whose checksum is wrong."""


class TooLong(Exception):
    """A packet that never ends."""


def frame(data: bytes) -> bytes:
    """Return a packet ready to be sent; ``data`` is escaped already."""
    return b"$%b#%02x" % (data, sum(data) & 0xFF)


def escape(data: bytes) -> bytes:
    """Return binary data as it may stand in a packet."""
    return b"".join(b"}%c" % (byte ^ 0x20) if byte in _ESCAPED else b"%c" % byte for byte in data)


def unescape(data: bytes) -> bytes:
    """Return what was escaped; a lone ``}`` at the end is dropped."""
    parts = data.split(b"}")
    return parts[0] + b"".join(b"%c%b" % (part[0] ^ 0x20, part[1:]) for part in parts[1:] if part)


def console(text: str) -> bytes:
    """Return the packet that makes gdb print a line."""
    return b"O" + f"{text}\n".encode().hex().encode()


class Reader:
    """Cuts a stream of bytes into packets and signals; acknowledgements and noise are dropped."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes | Signal]:
        """Take bytes and yield what they complete. Raises TooLong."""
        self._pending += data
        while (found := self._next()) is not None:
            yield found
        if len(self._pending) > LONGEST:
            raise TooLong

    def _next(self) -> bytes | Signal | None:
        pending = self._pending
        while pending and pending[0] not in b"$\x03":
            del pending[0]
        if pending[:1] == b"\x03":
            del pending[0]
            return Signal.INTERRUPT
        end = pending.find(b"#")
        if end < 0 or len(pending) < end + 3:
            return None
        data, checksum = bytes(pending[1:end]), bytes(pending[end + 1 : end + 3])
        del pending[: end + 3]
        return data if checksum.lower() == b"%02x" % (sum(data) & 0xFF) else Signal.DAMAGED
