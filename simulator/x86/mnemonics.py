"""The instructions a guest snippet may use: integer and system ones, with the number of operands each takes.

Keystone 0.9.2 calls ``abort()`` on some text, so nothing reaches it that is not built from this table. An
instruction that it encodes wrongly (a NOP with operands, SERIALIZE, ENDBR64) is not here but a
pseudo-instruction of the assembler; vector and floating-point instructions are not here because kernel code
uses general registers only.
"""

from typing import Final

_CONDITION_CODES: Final = (
    *("o", "no", "b", "ae", "e", "ne", "be", "a"),
    *("s", "ns", "p", "np", "l", "ge", "le", "g"),
)
_CONDITION_SYNONYMS: Final = {
    "c": "b",
    "nae": "b",
    "nc": "ae",
    "nb": "ae",
    "z": "e",
    "nz": "ne",
    "na": "be",
    "nbe": "a",
    "pe": "p",
    "po": "np",
    "nge": "l",
    "nl": "ge",
    "ng": "le",
    "nle": "g",
}
_CONDITIONS: Final = {**{name: name for name in _CONDITION_CODES}, **_CONDITION_SYNONYMS}

_NO_OPERANDS: Final = """
    nop pause hlt cli sti cld std clc stc cmc lahf sahf pushfq popfq iretq leave cpuid rdtsc rdtscp rdmsr
    wrmsr rdpmc swapgs syscall sysenter sysretq sysexitq xgetbv xsetbv clac stac mfence lfence sfence invd
    wbinvd clts rsm ud2 int1 monitor mwait cbw cwde cdqe cwd cdq cqo xlatb fwait stosb stosw stosd stosq
    movsb movsw movsd movsq lodsb lodsw lodsd lodsq scasb scasw scasd scasq cmpsb cmpsw cmpsd cmpsq insb
    insw insd outsb outsw outsd
"""
_ONE_OPERAND: Final = """
    inc dec neg not mul div idiv push pop bswap int invlpg lgdt lidt sgdt sidt lldt ltr sldt str smsw lmsw
    verr verw clflush clflushopt clwb prefetcht0 prefetcht1 prefetcht2 prefetchnta prefetchw cmpxchg8b
    cmpxchg16b rdrand rdseed rdfsbase rdgsbase wrfsbase wrgsbase fxsave fxrstor ldmxcsr stmxcsr
"""
_TWO_OPERANDS: Final = """
    mov movabs movzx movsx movsxd movnti movbe lea add adc sub sbb and or xor cmp test xchg xadd cmpxchg bt
    bts btr btc bsf bsr popcnt tzcnt lzcnt shl sal shr sar rol ror rcl rcr in out lar lsl invpcid crc32 adcx
    adox
"""

_BRANCHES: Final = ("jmp", "call", "loop", "loope", "loopne", "loopz", "loopnz", "jrcxz", "jecxz")


def _arities() -> dict[str, frozenset[int]]:
    table = {name: frozenset({0}) for name in _NO_OPERANDS.split()}
    table |= {name: frozenset({1}) for name in (*_ONE_OPERAND.split(), *_BRANCHES)}
    table |= {name: frozenset({2}) for name in _TWO_OPERANDS.split()}
    for condition in _CONDITIONS:
        table |= {"j" + condition: frozenset({1}), "set" + condition: frozenset({1})}
        table["cmov" + condition] = frozenset({2})
    table |= {"imul": frozenset({1, 2, 3}), "enter": frozenset({2})}
    table |= dict.fromkeys(("shld", "shrd"), frozenset({3}))
    return table | dict.fromkeys(("ret", "retf", "retfq"), frozenset({0, 1}))


ARITIES: Final = _arities()

_SYNONYMS: Final = {"sal": "shl", "fwait": "wait", "loopz": "loope", "loopnz": "loopne"}
_DECODED_AS: Final = {"mov": ("mov", "movabs"), "movsx": ("movsx", "movsxd")}
SPELLING: Final = {"sysretq": "sysret", "sysexitq": "sysexit"}
"""What Keystone wants to read where it differs from the architecture's name."""

SHORT_ONLY: Final = {
    "loop": b"\xe2",
    "loope": b"\xe1",
    "loopne": b"\xe0",
    "jrcxz": b"\xe3",
    "jecxz": b"\x67\xe3",
}

# Their memory operand has the one size the instruction gives it.
_SIZELESS: Final = """
    lea invlpg lgdt lidt sgdt sidt lldt ltr sldt str smsw lmsw verr verw clflush clflushopt clwb prefetcht0
    prefetcht1 prefetcht2 prefetchnta prefetchw cmpxchg8b cmpxchg16b fxsave fxrstor ldmxcsr stmxcsr invpcid
"""
SIZELESS: Final = frozenset(_SIZELESS.split())
# A register operand says nothing about how much of memory is meant.
_SIZE_NEEDED: Final = """
    movzx movsx movsxd crc32 shl shr sar rol ror rcl rcr sal lar lsl in out
"""
SIZE_NEEDED: Final = frozenset(_SIZE_NEEDED.split())

PREFIXES: Final = {
    "lock": "lock",
    "rep": "rep",
    "repe": "repe",
    "repz": "repe",
    "repne": "repne",
    "repnz": "repne",
}


def canonical(mnemonic: str) -> str:
    """Return the one name of several that mean the same: ``jz`` is ``je``."""
    for stem in ("j", "set", "cmov"):
        if mnemonic.startswith(stem) and mnemonic[len(stem) :] in _CONDITIONS:
            return stem + _CONDITIONS[mnemonic[len(stem) :]]
    return _SYNONYMS.get(mnemonic, mnemonic)


def may_decode_as(mnemonic: str) -> tuple[str, ...]:
    """Return the names a decoder may give to what was written with the canonical name ``mnemonic``."""
    return _DECODED_AS.get(mnemonic, (mnemonic,))


def condition_code(mnemonic: str) -> int | None:
    """Return the four condition bits of a canonical Jcc, None for anything else."""
    return _CONDITION_CODES.index(mnemonic[1:]) if mnemonic[1:] in _CONDITION_CODES else None


def is_branch(mnemonic: str) -> bool:
    """Tell whether a canonical mnemonic may take an address to go to."""
    return mnemonic in _BRANCHES or (mnemonic.startswith("j") and condition_code(mnemonic) is not None)
