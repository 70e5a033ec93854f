"""The instructions that a trace refers to by number, and the functions around them."""

from __future__ import annotations

from typing import NamedTuple

from simulator.report.words import Narrator, disassembled
from simulator.x86.decode import disassemble

_LARGEST = 4096
"""Bytes of a function that is still listed as a whole."""


class Code(NamedTuple):
    """An instruction at its address, with the source line that it comes from."""

    address: int
    at: str
    """``symbol+0xoff/0xsize``."""
    code: bytes
    text: str
    source: str
    """``file:line``, or nothing."""
    line: str
    """What is written there, where the source is at hand."""


class Listing(NamedTuple):
    """A function as it was at boot: its instructions, as numbers in the table."""

    name: str
    start: int
    end: int
    codes: tuple[int, ...]


class CodeTable:
    """Gives a number to each instruction, and lists each function, when first asked."""

    def __init__(self, narrator: Narrator) -> None:
        self._narrator = narrator
        self._numbers: dict[tuple[int, bytes], int] = {}
        self._codes: list[Code] = []
        self._listings: dict[int, Listing] = {}

    @property
    def codes(self) -> tuple[Code, ...]:
        """Return the instructions by number."""
        return tuple(self._codes)

    @property
    def listings(self) -> tuple[Listing, ...]:
        """Return the functions by address."""
        return tuple(self._listings[start] for start in sorted(self._listings))

    def text(self, number: int) -> str:
        """Return an instruction as a disassembler prints it."""
        return self._codes[number].text

    def number(self, address: int, code: bytes) -> int:
        """Return the number of an instruction."""
        key = (address, code)
        if key not in self._numbers:
            narrator, image = self._narrator, self._narrator.image
            text = disassembled(image, code, address)
            source = (image.source(address) or "", image.source_text(address) or "")
            self._numbers[key] = len(self._codes)
            self._codes.append(Code(address, narrator.where(address), code, text, *source))
        return self._numbers[key]

    def function(self, address: int) -> None:
        """List the function that an address lies in."""
        image = self._narrator.image
        symbol = image.symbols.at(address)
        if symbol is None or symbol.address in self._listings or not 0 < symbol.size <= _LARGEST:
            return
        items = disassemble(image.read(symbol.address, symbol.size), symbol.address)
        numbers = tuple(self.number(item.address, item.code) for item in items)
        self._listings[symbol.address] = Listing(symbol.name, symbol.address, symbol.end, numbers)
