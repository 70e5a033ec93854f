"""The few instructions a patcher writes over kernel text, as bytes.

They are written by hand because the assembler gets some of them wrong. The multi-byte NOPs are those Intel
recommends (SDM volume 2, NOP, table 4-12) and ``arch/x86/include/asm/nops.h`` uses; length 5 is the patch
space at a function's entry. A displacement counts from the end of the instruction, which is why a jump to
itself is ``e9 fb ff ff ff``.
"""

from typing import Final

from simulator.errors import SimulatorError

INT3: Final = b"\xcc"
RET: Final = b"\xc3"
ENDBR64: Final = bytes.fromhex("f30f1efa")
SERIALIZE: Final = bytes.fromhex("0f01e8")
JMP_REL32_SIZE: Final = 5
CALL_REL32_SIZE: Final = 5
JMP_REL8_SIZE: Final = 2

_NOPS: Final = tuple(
    bytes.fromhex(text)
    for text in (
        "90",
        "6690",
        "0f1f00",
        "0f1f4000",
        "0f1f440000",
        "660f1f440000",
        "0f1f8000000000",
        "0f1f840000000000",
        "660f1f840000000000",
    )
)
NOP5: Final = _NOPS[4]

_ADDRESS_MASK: Final = (1 << 64) - 1


def nop(length: int) -> bytes:
    """Return one NOP instruction of 1 to 9 bytes."""
    if not 1 <= length <= len(_NOPS):
        raise SimulatorError(f"no NOP instruction is {length} bytes long: choose 1 to {len(_NOPS)}")
    return _NOPS[length - 1]


def jmp_rel32(source: int, target: int) -> bytes:
    """Return the 5-byte jump that stands at ``source`` and leads to ``target``."""
    return b"\xe9" + _displacement("JMP rel32", source, target, JMP_REL32_SIZE, 4)


def jmp_rel8(source: int, target: int) -> bytes:
    """Return the 2-byte jump that stands at ``source`` and leads to ``target``."""
    return b"\xeb" + _displacement("JMP rel8", source, target, JMP_REL8_SIZE, 1)


def call_rel32(source: int, target: int) -> bytes:
    """Return the 5-byte call that stands at ``source`` and leads to ``target``."""
    return b"\xe8" + _displacement("CALL rel32", source, target, CALL_REL32_SIZE, 4)


def _displacement(name: str, source: int, target: int, length: int, width: int) -> bytes:
    for address in (source, target):
        if not 0 <= address <= _ADDRESS_MASK:
            raise SimulatorError(f"{name}: {address:#x} is not a 64-bit address")
    distance = (target - source - length) & _ADDRESS_MASK
    if distance >> 63:
        distance -= 1 << 64
    limit = 1 << (8 * width - 1)
    if not -limit <= distance < limit:
        far = f"{distance:+#x} bytes is too far"
        raise SimulatorError(f"{name} at {source:#x} cannot reach {target:#x}: {far}")
    return distance.to_bytes(width, "little", signed=True)
