"""Tuples of small integers by the million: packed, in order, and on disk once they outgrow memory."""

from __future__ import annotations

import os
import tempfile
import weakref
from struct import Struct
from typing import IO

KEPT = 256 << 20
"""Bytes of records that stay in memory."""

_BLOCK = 1 << 16
"""Records that are read back at once."""


class Records:
    """Append-only; record ``n`` is the n-th that was appended. All have the same number of integers below 2**32."""

    def __init__(self, width: int, kept: int = KEPT) -> None:
        record = Struct(f"<{width}I")
        self.pack, self._unpack, self._size, self._kept = record.pack, record.unpack_from, record.size, kept
        self._recent = bytearray()
        self._written = 0  # bytes on disk, all before _recent
        self._file: IO[bytes] | None = None
        self._block, self._block_start = b"", -1

    def __len__(self) -> int:
        return (self._written + len(self._recent)) // self._size

    def append(self, packed: bytes) -> None:
        """Add a packed record."""
        self._recent += packed
        if len(self._recent) >= self._kept:
            self._spill()

    def __getitem__(self, number: int) -> tuple[int, ...]:
        offset = number * self._size
        if offset >= self._written:
            return self._unpack(self._recent, offset - self._written)
        start = number // _BLOCK * _BLOCK * self._size
        if start != self._block_start:
            self._block = os.pread(self._descriptor(), _BLOCK * self._size, start)
            self._block_start = start
        return self._unpack(self._block, offset - start)

    @property
    def on_disk(self) -> int:
        """How many records are on disk."""
        return self._written // self._size

    def _spill(self) -> None:
        data, self._recent = bytes(self._recent), bytearray()
        os.pwrite(self._descriptor(), data, self._written)
        self._written += len(data)
        self._block_start = -1

    def _descriptor(self) -> int:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="kgraft-")  # noqa: SIM115, open as long as the records are used
            weakref.finalize(self, self._file.close)
        return self._file.fileno()
