"""The names and bit positions of what an x86-64 CPU holds.

``GENERAL`` is in hardware encoding order (Intel SDM volume 2, table 2-2), the order used everywhere in the
simulator. MSR numbers follow the SDM volume 4 and ``arch/x86/include/asm/msr-index.h``; an x2APIC register at
offset ``n`` of the memory-mapped APIC is MSR ``0x800 + n / 16`` (SDM volume 3, 11.12.1).
"""

from typing import Final

GENERAL: Final = (
    "rax",
    "rcx",
    "rdx",
    "rbx",
    "rsp",
    "rbp",
    "rsi",
    "rdi",
    "r8",
    "r9",
    "r10",
    "r11",
    "r12",
    "r13",
    "r14",
    "r15",
)

# Flag bits that mean something; bit 1 reads as one always and is not named.
CF: Final = 1 << 0
PF: Final = 1 << 2
AF: Final = 1 << 4
ZF: Final = 1 << 6
SF: Final = 1 << 7
TF: Final = 1 << 8
IF: Final = 1 << 9
DF: Final = 1 << 10
OF: Final = 1 << 11
NT: Final = 1 << 14
RF: Final = 1 << 16
AC: Final = 1 << 18
FLAGS_FIXED: Final = 1 << 1
FLAG_NAMES: Final = (
    ("CF", CF),
    ("PF", PF),
    ("AF", AF),
    ("ZF", ZF),
    ("SF", SF),
    ("TF", TF),
    ("IF", IF),
    ("DF", DF),
    ("OF", OF),
    ("NT", NT),
    ("RF", RF),
    ("AC", AC),
)

FS_BASE: Final = 0xC0000100
GS_BASE: Final = 0xC0000101
KERNEL_GS_BASE: Final = 0xC0000102
STAR: Final = 0xC0000081
LSTAR: Final = 0xC0000082
SYSCALL_MASK: Final = 0xC0000084
EFER: Final = 0xC0000080
TSC: Final = 0x10
APIC_BASE: Final = 0x1B
TSC_DEADLINE: Final = 0x6E0

X2APIC_FIRST: Final = 0x800
X2APIC_LAST: Final = 0x8FF
X2APIC_APICID: Final = 0x802
X2APIC_EOI: Final = 0x80B
X2APIC_ICR: Final = 0x830
X2APIC_LVT_TIMER: Final = 0x832
X2APIC_TIMER_INITIAL_COUNT: Final = 0x838
X2APIC_TIMER_CURRENT_COUNT: Final = 0x839
X2APIC_TIMER_DIVIDE: Final = 0x83E
X2APIC_SELF_IPI: Final = 0x83F

_HIGH_BYTES: Final = {"ah": "rax", "ch": "rcx", "dh": "rdx", "bh": "rbx"}


def _parts() -> dict[str, tuple[str, int]]:
    """Map every name of a general register to its 64-bit register and its width in bytes."""
    parts = {name: (whole, 1) for name, whole in _HIGH_BYTES.items()}
    for whole in GENERAL:
        tail = whole[1:]
        parts[whole] = (whole, 8)
        if tail[0].isdigit():
            parts.update({whole + "d": (whole, 4), whole + "w": (whole, 2), whole + "b": (whole, 1)})
        else:
            low = tail[0] + "l" if tail.endswith("x") else tail + "l"
            parts.update({"e" + tail: (whole, 4), tail: (whole, 2), low: (whole, 1)})
    return parts


PARTS: Final = _parts()


def whole_register(name: str) -> str:
    """Return the 64-bit register that ``name`` is a part of; other registers are returned as they are."""
    return PARTS[name][0] if name in PARTS else name


def is_x2apic(msr: int) -> bool:
    """Tell whether ``msr`` belongs to the x2APIC, the one range where WRMSR does not serialize."""
    return X2APIC_FIRST <= msr <= X2APIC_LAST


def format_flags(rflags: int) -> str:
    """Return the names of the flags that are set, lowest bit first, or ``-``."""
    return " ".join(name for name, bit in FLAG_NAMES if rflags & bit) or "-"
