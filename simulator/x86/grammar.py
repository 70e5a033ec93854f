"""The assembler's own grammar, Intel syntax: what is not in it never reaches Keystone.

One statement a line: ``name:`` labels, then an instruction or one of the pseudo-instructions ``.byte 0x0f,
0x1f``, ``nop5``, ``int3``, ``endbr64``, ``serialize``; ``;`` and ``#`` start a comment. Numbers are decimal
or ``0x``; a number may be an expression of numbers and labels with ``+`` and ``-``. AH, BH, CH and DH are
refused: beside a register that needs a REX prefix they abort the process inside LLVM.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from simulator.errors import AssemblyError
from simulator.x86.mnemonics import ARITIES, PREFIXES
from simulator.x86.registers import PARTS

LONGEST_LINE: Final = 256
PSEUDO: Final = frozenset({"nop5", "int3", "endbr64", "serialize"})
SIZES: Final = {"byte": 1, "word": 2, "dword": 4, "fword": 6, "qword": 8, "xmmword": 16}

_TOKEN: Final = re.compile(
    r"[ \t]*(0[xX][0-9a-fA-F]+|[0-9]+|[A-Za-z_][A-Za-z0-9_]*|[\[\]+\-*:,]|\Z)",
    re.ASCII,
)
_LABEL: Final = re.compile(r"[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*:", re.ASCII)
_BYTE_LINE: Final = re.compile(r"\.byte[ \t]+(.*)", re.ASCII | re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
_GENERAL: Final = frozenset(PARTS) - {"ah", "bh", "ch", "dh"}
_SPECIAL: Final = frozenset(
    {"cs", "ds", "es", "fs", "gs", "ss"} | {"cr0", "cr2", "cr3", "cr4", "cr8"} | {f"dr{n}" for n in range(8)}
)
_RESERVED: Final = frozenset(PARTS) | _SPECIAL | set(SIZES) | {"ptr", "rip", "eip"}


@dataclass(frozen=True, slots=True)
class Expression:
    """A number, plus and minus addresses that are not known yet."""

    number: int = 0
    labels: tuple[tuple[int, str], ...] = ()

    def value(self, addresses: Mapping[str, int]) -> int:
        """Return the number once every label has an address."""
        return self.number + sum(sign * addresses[name] for sign, name in self.labels)


@dataclass(frozen=True, slots=True)
class Register:
    """A register operand."""

    name: str


@dataclass(frozen=True, slots=True)
class Memory:
    """A memory operand; ``base`` may be ``rip``, ``size`` is 0 where the text does not say."""

    size: int
    segment: str | None
    base: str | None
    index: str | None
    scale: int
    displacement: Expression


Operand = Register | Memory | Expression


@dataclass(frozen=True, slots=True)
class Statement:
    """One line: its labels, and an instruction (``mnemonic``) or bytes, or neither."""

    line: int
    text: str
    labels: tuple[str, ...]
    prefix: str = ""
    mnemonic: str = ""
    operands: tuple[Operand, ...] = ()
    data: bytes = b""

    def error(self, what: str) -> AssemblyError:
        """Return the error that names this line."""
        return line_error(self.line, self.text, what)


def line_error(line: int, text: str, what: str) -> AssemblyError:
    """Return the error that names a line; what cannot be printed in one line is escaped."""
    shown = text.strip().encode("unicode_escape").decode("ascii")
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return AssemblyError(f"line {line}: `{shown}`: {what}")


class _Syntax(Exception):
    """What is wrong with the line being read."""


def parse(source: str) -> tuple[Statement, ...]:
    """Return the statements of a source text, without the empty lines."""
    statements = []
    for number, raw in enumerate(source.split("\n"), 1):
        try:
            statement = _line(number, raw)
        except _Syntax as problem:
            raise line_error(number, raw, str(problem)) from None
        if statement.labels or statement.mnemonic or statement.data:
            statements.append(statement)
    return tuple(statements)


def parse_operands(text: str) -> tuple[Operand, ...] | None:
    """Return the operands of a text, or None when they are beyond this grammar."""
    try:
        return _Reader(text).operands()
    except _Syntax:
        return None


def _line(number: int, raw: str) -> Statement:
    if len(raw) > LONGEST_LINE:
        raise _Syntax(f"longer than {LONGEST_LINE} characters")
    text = re.split("[;#]", raw.rstrip("\r"), maxsplit=1)[0].strip(" \t")
    labels, rest = _labels(text)
    if data := _BYTE_LINE.fullmatch(rest):
        return Statement(number, text, labels, data=_bytes(data[1]))
    if rest.startswith("."):
        raise _Syntax("directives are not supported, except `.byte 0x0f, 0x1f`")
    if not rest:
        return Statement(number, text, labels)
    word, tail = _split(rest)
    return _instruction(Statement(number, text, labels), word, tail)


def _labels(text: str) -> tuple[tuple[str, ...], str]:
    labels = []
    while match := _LABEL.match(text):
        name = match[1]
        if name.lower() in _RESERVED or not _NAME.fullmatch(name):
            raise _Syntax(f"`{name[:20]}` cannot be a label")
        labels.append(name)
        text = text[match.end() :].strip(" \t")
    return tuple(labels), text


def _bytes(text: str) -> bytes:
    values = []
    for part in text.split(","):
        operands = parse_operands(part)
        if operands is None or len(operands) != 1 or not isinstance(operands[0], Expression):
            raise _Syntax("`.byte` takes numbers separated by commas")
        if operands[0].labels or not 0 <= operands[0].number <= 0xFF:
            raise _Syntax("`.byte` takes numbers from 0 to 0xff")
        values.append(operands[0].number)
    return bytes(values)


def _instruction(bare: Statement, word: str, tail: str) -> Statement:
    prefix = ""
    if word in PREFIXES:
        prefix = PREFIXES[word]
        word, tail = _split(tail)
        if not word:
            raise _Syntax("the line ends after its prefix")
    if word in PSEUDO and not prefix:
        if tail.strip(" \t"):
            raise _Syntax(f"`{word}` takes no operands")
        return Statement(bare.line, bare.text, bare.labels, mnemonic=word)
    if word not in ARITIES:
        raise _Syntax(f"`{_printable(word)}` is not an instruction this assembler knows" + _advice(word))
    operands = _Reader(tail).operands()
    if len(operands) not in ARITIES[word]:
        wanted = " or ".join(str(count) for count in sorted(ARITIES[word]))
        advice = "; for a 5-byte NOP write `nop5`" if word == "nop" else ""
        raise _Syntax(f"`{word}` takes {wanted} operands, not {len(operands)}{advice}")
    return Statement(bare.line, bare.text, bare.labels, prefix, word, operands)


def _split(text: str) -> tuple[str, str]:
    parts = text.split(None, 1)
    return (parts[0].lower() if parts else ""), (parts[1] if len(parts) > 1 else "")


def _printable(word: str) -> str:
    return word[:20].encode("unicode_escape").decode("ascii")


def _advice(word: str) -> str:
    return {
        "iret": ": write `iretq`",
        "pushf": ": write `pushfq`",
        "popf": ": write `popfq`",
        "retq": ": write `ret`",
        "sysret": ": write `sysretq`",
    }.get(word, "")


class _Reader:
    """Reads operands from left to right."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._position = 0

    def operands(self) -> tuple[Operand, ...]:
        """Return all operands up to the end of the text."""
        if not self._peek():
            return ()
        operands = [self._operand()]
        while self._take(","):
            operands.append(self._operand())
        if self._peek():
            raise _Syntax(f"`{self._peek()[:20]}` does not belong here")
        return tuple(operands)

    def _peek(self, ahead: int = 0) -> str:
        position = self._position + ahead
        return self._tokens[position] if position < len(self._tokens) else ""

    def _take(self, token: str) -> bool:
        found = self._peek().lower() == token
        self._position += found
        return found

    def _operand(self) -> Operand:
        word = self._peek().lower()
        if word in SIZES and self._peek(1).lower() == "ptr":
            self._position += 2
            return self._memory(SIZES[word])
        if word == "[" or self._peek(1) == ":":
            return self._memory(0)
        if word in _GENERAL or word in _SPECIAL:
            self._position += 1
            return Register(word)
        return self._expression()

    def _memory(self, size: int) -> Memory:
        segment = None
        if self._peek(1) == ":":
            segment = self._peek().lower()
            if segment not in ("fs", "gs"):
                raise _Syntax(f"segment `{segment[:20]}` has no effect in 64-bit mode: only fs and gs have")
            self._position += 2
        if not self._take("["):
            raise _Syntax("a memory operand needs `[`")
        registers: list[tuple[str, int]] = []
        displacement = self._sum(registers)
        if not self._take("]"):
            raise _Syntax("a memory operand needs `]`")
        base, index, scale = _base_and_index(registers)
        return Memory(size, segment, base, index, scale, displacement)

    def _expression(self) -> Expression:
        return self._sum(None)

    def _sum(self, registers: list[tuple[str, int]] | None) -> Expression:
        """Read terms; registers go to the list, where the caller gives one."""
        number, labels = 0, []
        sign = self._sign(first=True)
        while sign:
            word = self._peek()
            lower = word.lower()
            if not word or not (word[0].isalnum() or word[0] == "_"):
                missing = "a register, a number or a label is missing"
                raise _Syntax(f"unexpected `{word}`" if word else missing)
            self._position += 1
            if lower in _GENERAL or lower == "rip":
                if registers is None or sign < 0:
                    raise _Syntax(f"register `{lower}` cannot be part of a number")
                registers.append((lower, self._scale()))
            elif word[0].isdigit():
                number += sign * _number(word)
            elif lower in _RESERVED or not _NAME.fullmatch(word):
                raise _Syntax(f"`{word[:20]}` cannot be used here")
            else:
                labels.append((sign, word))
            sign = self._sign(first=False)
        if not -(1 << 63) <= number < 1 << 64:
            raise _Syntax("the number has more than 64 bits")
        return Expression(number, tuple(labels))

    def _sign(self, *, first: bool) -> int:
        if self._take("-"):
            return -1
        return 1 if self._take("+") or first else 0

    def _scale(self) -> int:
        if not self._take("*"):
            return 0
        word = self._peek()
        if word not in ("1", "2", "4", "8"):
            raise _Syntax("an index register is scaled by 1, 2, 4 or 8")
        self._position += 1
        return int(word)


def _tokens(text: str) -> list[str]:
    tokens = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            character = text[position:].lstrip(" \t")[0]
            raise _Syntax(f"unexpected character `{_printable(character)}`")
        if match[1]:
            tokens.append(match[1])
        position = match.end()
    return tokens


def _number(word: str) -> int:
    if len(word) > 20:
        raise _Syntax("the number has more than 64 bits")
    if word[0] == "0" and word.isdigit() and len(word) > 1:
        raise _Syntax(f"`{word}`: a number with a leading zero is ambiguous")
    return int(word, 16) if word[:2] in ("0x", "0X") else int(word)


def _base_and_index(registers: list[tuple[str, int]]) -> tuple[str | None, str | None, int]:
    """Tell base from index the way the CPU does: the scaled one, else the second, is the index."""
    scaled = [(name, scale) for name, scale in registers if scale > 1]
    plain = [name for name, scale in registers if scale <= 1]
    if len(scaled) > 1 or len(plain) > 2 - len(scaled):
        raise _Syntax("an address is at most a base register plus one scaled index register")
    index, scale = scaled[0] if scaled else (plain[1] if len(plain) == 2 else None, 1)
    base = plain[0] if plain else None
    if index == "rsp" and scale == 1:
        base, index = index, base
    names = {name for name in (base, index) if name is not None}
    if index in ("rsp", "esp", "rip") or (base == "rip" and index is not None):
        raise _Syntax("rip takes no index" if base == "rip" else f"`{index}` cannot be an index")
    widths = {PARTS[name][1] for name in names if name != "rip"}
    if len(widths) > 1 or not widths <= {4, 8}:
        raise _Syntax("an address is made of 64-bit registers, or of 32-bit ones")
    return base, index, scale
