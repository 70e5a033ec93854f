"""What each mnemonic does to control flow, to the pipeline, to registers and to memory.

Serializing instructions: Intel SDM volume 3, 9.3 and AMD APM volume 2, 7.6.4. ERETS and ERETU are left out,
which is the weaker claim. The access tables exist because Capstone 5 reports some stores as loads (CMPXCHG,
ROL, MOVNTI, FST), forgets flags (CMPXCHG, XADD, CLI) and knows no registers for IRET, ENTER and SYSCALL. The
unprivileged entries were compared with what Unicorn does when a register or a byte of memory is changed.
"""

from typing import Final

from simulator.x86.instruction import Flow, MemoryOperand, Vendor

BOTH: Final = frozenset(Vendor)
NEITHER: Final[frozenset[Vendor]] = frozenset()

_TRAPS: Final = frozenset({"int3", "int1", "int", "into", "ud0", "ud1", "ud2"})
_IRETS: Final = frozenset({"iret", "iretd", "iretq", "rsm", "erets", "eretu"})
_RETURNS: Final = frozenset({"ret", "retf", "retfq"})
_SYSCALLS: Final = frozenset({"syscall", "sysenter", "sysret", "sysretq", "sysexit", "sysexitq"})
_BRANCHES: Final = frozenset({"loop", "loope", "loopne", "xbegin"})
_JUMPS: Final = frozenset({"jmp", "ljmp"})
_CALLS: Final = frozenset({"call", "lcall"})

_SERIALIZING: Final = {
    **dict.fromkeys(("cpuid", "iret", "iretd", "iretq", "rsm", "serialize"), BOTH),
    **dict.fromkeys(("invd", "wbinvd", "invlpg", "lgdt", "lidt", "lldt", "ltr", "wrmsr"), BOTH),
    **dict.fromkeys(("invept", "invvpid"), frozenset({Vendor.INTEL})),
    "mfence": frozenset({Vendor.AMD}),
}

# Memory operands that are only an address. An invalidation is a visible act of its own, but reads nothing.
_NO_ACCESS: Final = frozenset(
    {"lea", "nop", "invlpg", "clflush", "clflushopt", "clwb", "cldemote", "ud0", "ud1"}
    | {"prefetch", "prefetchw", "prefetchwt1", "prefetchnta", "prefetcht0", "prefetcht1", "prefetcht2"}
    | {"bndmk", "bndcl", "bndcu", "bndcn", "clzero"}
)
_UPDATES_FIRST: Final = frozenset({"cmpxchg", "cmpxchg8b", "cmpxchg16b", "rol", "ror", "rcl", "rcr"})
_STORES_FIRST: Final = (
    *("mov", "vmov", "fst", "fist", "fbst", "fnst", "fnsave"),
    *("pextr", "vpextr", "extract", "vextract"),
)

_SHIFTS: Final = ("shl", "sal", "shr", "sar", "rol", "ror", "rcl", "rcr", "shld", "shrd")
_FLAGS_WRITTEN: Final = frozenset(
    {"cmpxchg", "xadd", "cli", "sti", "lar", "lsl", "verr", "verw", "rol", "ror", "rcl", "rcr"}
    | {"iret", "iretd", "iretq", "syscall", "sysret", "sysretq"}
)
_FLAGS_READ: Final = frozenset(
    {*_SHIFTS, "cli", "sti", "cld", "std", "clac", "stac", "lar", "lsl", "syscall"},
)
_READ_TOO: Final = {
    **dict.fromkeys(("iret", "iretd", "iretq"), ("rsp",)),
    **dict.fromkeys(("insb", "insw", "insd"), ("rdi", "rdx")),
    **dict.fromkeys(("outsb", "outsw", "outsd"), ("rsi", "rdx")),
    **dict.fromkeys(("sysret", "sysretq"), ("rcx", "r11")),
    "xlatb": ("rax", "rbx"),
    "enter": ("rsp", "rbp"),
    "cmpxchg": ("rax",),
}
_WRITTEN_TOO: Final = {
    **dict.fromkeys(("iret", "iretd", "iretq"), ("rsp", "cs", "ss")),
    "enter": ("rsp", "rbp"),
    **dict.fromkeys(("insb", "insw", "insd"), ("rdi",)),
    **dict.fromkeys(("outsb", "outsw", "outsd"), ("rsi",)),
    "xlatb": ("rax",),
    "syscall": ("rcx", "r11"),
    "cmpxchg": ("rax",),
}
_SOMETIMES_WRITTEN: Final = frozenset({"bsf", "bsr", "lar", "lsl", "cmpxchg", "shld", "shrd"})


def flow_of(mnemonic: str) -> Flow:
    """Return where the CPU goes after an instruction of this name."""
    if mnemonic in _JUMPS:
        return Flow.JUMP
    if mnemonic in _CALLS:
        return Flow.CALL
    if mnemonic[0] == "j" or mnemonic in _BRANCHES:
        return Flow.BRANCH
    if mnemonic in _RETURNS:
        return Flow.RET
    if mnemonic in _TRAPS:
        return Flow.TRAP
    if mnemonic in _IRETS:
        return Flow.IRET
    if mnemonic in _SYSCALLS:
        return Flow.SYSCALL
    return Flow.HALT if mnemonic == "hlt" else Flow.NEXT


def serializing(mnemonic: str, operands: str) -> frozenset[Vendor]:
    """Return who documents the instruction as serializing; only writes to control and debug registers are."""
    if mnemonic == "mov" and operands[:2] in ("cr", "dr"):
        return NEITHER if operands.startswith("cr8") else BOTH
    return _SERIALIZING.get(mnemonic, NEITHER)


def touches_memory(mnemonic: str) -> bool:
    """Tell whether a memory operand of the instruction is accessed at all."""
    return mnemonic not in _NO_ACCESS


def memory_access(mnemonic: str, first: bool, read: bool, written: bool) -> tuple[bool, bool]:
    """Correct what Capstone says about a memory operand; ``first`` tells whether it is the first operand."""
    if mnemonic in _UPDATES_FIRST:
        return True, True
    if first and not written and mnemonic.startswith(_STORES_FIRST):
        return False, True
    if mnemonic.startswith("ins") and first:
        return False, True
    return (read, written) if read or written else (True, False)


def registers_read(mnemonic: str) -> tuple[str, ...]:
    """Return the registers read that Capstone does not list."""
    flags = ("rflags",) if mnemonic in _FLAGS_READ else ()
    return flags + _READ_TOO.get(mnemonic, ())


def registers_written(mnemonic: str) -> tuple[str, ...]:
    """Return the registers written that Capstone does not list."""
    flags = ("rflags",) if mnemonic in _FLAGS_WRITTEN else ()
    return flags + _WRITTEN_TOO.get(mnemonic, ())


def keeps_destination(mnemonic: str) -> bool:
    """Tell whether the destination can survive, so that its old value matters."""
    return mnemonic in _SOMETIMES_WRITTEN or mnemonic.startswith("cmov")


def writes_first_register(mnemonic: str) -> bool:
    """Tell whether the first operand is written although Capstone says it is only read."""
    return mnemonic in _UPDATES_FIRST


def stack_access(mnemonic: str, size: int) -> MemoryOperand | None:
    """Return the stack slot an instruction touches without naming it; ``size`` is that of what is moved."""
    if mnemonic in ("push", "pushf", "pushfq", "call", "enter"):
        return _stack("rsp", -size, size, written=True)
    if mnemonic == "lcall":
        return _stack("rsp", -2 * size, 2 * size, written=True)
    if mnemonic in ("pop", "popf", "popfq", "ret"):
        return _stack("rsp", 0, size, written=False)
    if mnemonic == "leave":
        return _stack("rbp", 0, size, written=False)
    if mnemonic in ("retf", "retfq"):
        return _stack("rsp", 0, 2 * size, written=False)
    if mnemonic in ("iret", "iretd", "iretq"):
        return _stack("rsp", 0, 5 * size, written=False)
    return None


def _stack(base: str, displacement: int, size: int, *, written: bool) -> MemoryOperand:
    return MemoryOperand(base, None, 1, displacement, None, size, not written, written, implicit=True)
