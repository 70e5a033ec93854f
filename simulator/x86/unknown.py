"""System instructions that Capstone 5 does not know, or takes for something else.

SERIALIZE is refused; ERETS and ERETU (FRED) read as ``clac``, CLUI as ``rdpkru``; NOPs of the reserved
opcodes 0f 18 to 0f 1f are refused with a register operand; UD0 and UD1 lose their ModRM byte, so that a sweep
of kernel text falls out of step at every UBSAN trap. Encodings: Intel SDM volume 2 appendix A, FRED
specification 5.0, AMD APM volume 3. Newer user-mode extensions (Key Locker, RAO-INT) stay unknown.
"""

from dataclasses import dataclass
from typing import Final

_LEGACY_PREFIXES: Final = frozenset(b"\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3")

# By mandatory prefix and third byte, all of them 0f 01 /r with a register form.
_TWO_BYTE_01: Final = {
    (0x00, 0xC6): "wrmsrns",
    (0xF2, 0xC6): "rdmsrlist",
    (0xF3, 0xC6): "wrmsrlist",
    (0xF2, 0xCA): "erets",
    (0xF3, 0xCA): "eretu",
    (0x66, 0xCC): "tdcall",
    (0x66, 0xCD): "seamret",
    (0x66, 0xCE): "seamops",
    (0x66, 0xCF): "seamcall",
    (0xF2, 0xD9): "vmgexit",
    (0xF3, 0xD9): "vmgexit",
    (0x00, 0xE8): "serialize",
    (0xF2, 0xE8): "xsusldtrk",
    (0xF2, 0xE9): "xresldtrk",
    (0xF3, 0xEC): "uiret",
    (0xF3, 0xED): "testui",
    (0xF3, 0xEE): "clui",
    (0xF3, 0xEF): "stui",
    (0xF3, 0xFA): "mcommit",
    (0x00, 0xFD): "rdpru",
    (0xF3, 0xFD): "rmpquery",
    (0x00, 0xFE): "invlpgb",
    (0xF2, 0xFE): "rmpupdate",
    (0xF3, 0xFE): "rmpadjust",
    (0x00, 0xFF): "tlbsync",
    (0xF2, 0xFF): "pvalidate",
    (0xF3, 0xFF): "psmash",
}
_THIRD_BYTES: Final = frozenset(third for _, third in _TWO_BYTE_01)
_RESERVED_NOPS: Final = frozenset(range(0x18, 0x20))
_PREFETCHES: Final = 0x0D
_UNDEFINED: Final = {0xB9: "ud1", 0xFF: "ud0"}


@dataclass(frozen=True, slots=True)
class Repair:
    """How to read bytes that Capstone cannot: whole (``length``), or in place of others of the same shape."""

    mnemonic: str
    length: int = 0
    stand_in: bytes = b""


def may_need_repair(code: bytes) -> bool:
    """Tell cheaply whether the bytes could be one of these: is there a 0f among the prefixes' successors?"""
    return 0x0F in code[:14]


def repair(code: bytes, *, refused: bool) -> Repair | None:
    """Return how to read ``code``; ``refused`` tells that Capstone found no instruction in it."""
    start, prefix, legal = _opcode_start(code)
    if not legal or code[start : start + 1] != b"\x0f" or len(code) < start + 2:
        return None
    second = code[start + 1]
    if second in _UNDEFINED:
        return Repair(_UNDEFINED[second], stand_in=_with(code, start, 0x1F, code[start + 2 :]))
    if len(code) < start + 3:
        return None
    third = code[start + 2]
    if second == 0x01 and third in _THIRD_BYTES:
        name = _TWO_BYTE_01.get((prefix, third))
        return Repair(name, length=start + 3) if name else None
    if second == 0x00 and prefix == 0xF2 and third & 0x38 == 0x30:
        return Repair("lkgs", stand_in=_with(code, start, 0x00, bytes((third ^ 0x28,)) + code[start + 3 :]))
    if refused and (second in _RESERVED_NOPS or (second == _PREFETCHES and third < 0xC0)):
        return Repair("nop", stand_in=_with(code, start, 0x1F, code[start + 2 :]))
    return None


def _with(code: bytes, start: int, second: int, rest: bytes) -> bytes:
    return code[: start + 1] + bytes((second,)) + rest


def _opcode_start(code: bytes) -> tuple[int, int, bool]:
    """Return where the opcode starts, its mandatory prefix (last f2 or f3, else 66), and if no LOCK."""
    position, repeat, size = 0, 0, 0
    while position < len(code) and (code[position] in _LEGACY_PREFIXES or _is_stale_rex(code, position)):
        if code[position] in (0xF2, 0xF3):
            repeat = code[position]
        elif code[position] == 0x66:
            size = 0x66
        position += 1
    legal = 0xF0 not in code[:position]
    if position < len(code) and code[position] & 0xF0 == 0x40:
        position += 1
    return position, repeat or size, legal


def _is_stale_rex(code: bytes, position: int) -> bool:
    """A REX prefix counts only directly before the opcode; before another prefix the CPU ignores it."""
    if code[position] & 0xF0 != 0x40 or position + 1 == len(code):
        return False
    following = code[position + 1]
    return following in _LEGACY_PREFIXES or following & 0xF0 == 0x40
