"""The registers of a vCPU as gdb sees them: the target description, and values in its order.

gdb refuses an amd64 target without x87 registers, so they are described, and unavailable. What gdb has no name for
is a feature of our own: ``print $nmi_masked`` works.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from simulator.explore.properties import Track
from simulator.explore.universes import shown
from simulator.machine.interrupts import CODE_SELECTOR, DATA_SELECTOR
from simulator.machine.vcpu import VCpu
from simulator.x86.registers import FLAG_NAMES, GENERAL

RIP_REGISTER: Final = 16
EXPEDITED: Final = (6, 7, RIP_REGISTER)
"""Sent with every stop: RBP, RSP, RIP. gdb asks for them first."""
_ORDER: Final = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", *(f"r{n}" for n in range(8, 16)))
_MASK: Final = (1 << 64) - 1
_SETTABLE_FLAGS: Final = 0xFD5 | 1 << 21


class Register(NamedTuple):
    """One register: its name, bits and type, how it is read, and how it is written if it can be."""

    name: str
    bits: int
    type: str
    read: Callable[[VCpu, Track], int] | None
    write: Callable[[VCpu, int], VCpu] | None = None
    group: str = ""


def _general(index: int) -> Register:
    def write(vcpu: VCpu, value: int) -> VCpu:
        return vcpu._replace(general=(*vcpu.general[:index], value, *vcpu.general[index + 1 :]))

    name = GENERAL[index]
    kind = "data_ptr" if name in ("rsp", "rbp") else "int64"
    return Register(name, 64, kind, lambda vcpu, track: vcpu.general[index], write)


def _system(name: str) -> Register:
    def write(vcpu: VCpu, value: int) -> VCpu:
        return vcpu._replace(system=vcpu.system._replace(**{name: value}))

    return Register(name, 64, "int", lambda vcpu, track: int(getattr(vcpu.system, name)), write)


def _set_rip(vcpu: VCpu, value: int) -> VCpu:
    return vcpu._replace(rip=value, fetch=vcpu.fetch._replace(partial=b""))


def _set_flags(vcpu: VCpu, value: int) -> VCpu:
    return vcpu._replace(rflags=value & _SETTABLE_FLAGS | 2)


def _segment(name: str, selector: int) -> Register:
    return Register(name, 32, "int32", lambda vcpu, track: selector)


def _own(name: str, read: Callable[[VCpu, Track], int]) -> Register:
    return Register(name, 32, "int", read, group="kgraft")


def universe(track: Track) -> int:
    """Return the number of the universe that a CPU's task, or its innermost handler, has shown; -1: none yet."""
    mask = shown(track.past)
    return mask.bit_length() - 1 if mask > 0 and not mask & mask - 1 else -1


_CORE: Final = (
    *(_general(GENERAL.index(name)) for name in _ORDER),
    Register("rip", 64, "code_ptr", lambda vcpu, track: vcpu.rip, _set_rip),
    Register("eflags", 32, "x86_eflags", lambda vcpu, track: vcpu.rflags & 0xFFFFFFFF, _set_flags),
    *(_segment("cs", CODE_SELECTOR), _segment("ss", DATA_SELECTOR)),
    *(_segment(name, 0) for name in ("ds", "es", "fs", "gs")),
    *(Register(f"st{number}", 80, "i387_ext", None) for number in range(8)),
    *(
        Register(name, 32, "int", None, group="float")
        for name in ("fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop")
    ),
)
_SEGMENTS: Final = (_system("fs_base"), _system("gs_base"))
_OWN: Final = (
    _own("nmi_masked", lambda vcpu, track: vcpu.nmi_blocked),
    _own("nmi_pending", lambda vcpu, track: vcpu.nmi_pending),
    _own("halted", lambda vcpu, track: vcpu.halted),
    _own("store_buffer", lambda vcpu, track: len(vcpu.stores)),
    _own("universe", lambda vcpu, track: universe(track)),
)
REGISTERS: Final = (*_CORE, *_SEGMENTS, *_OWN)
"""In the order of ``g``; a register's number is its index."""


def read(vcpu: VCpu, track: Track, number: int) -> str:
    """Return a register as hex digits, little-endian; ``x`` for each digit of one that there is not."""
    register = REGISTERS[number]
    size = register.bits // 8
    if register.read is None:
        return "xx" * size
    return (register.read(vcpu, track) & (1 << register.bits) - 1).to_bytes(size, "little").hex()


def read_all(vcpu: VCpu, track: Track) -> str:
    """Return all registers, as ``g`` wants them."""
    return "".join(read(vcpu, track, number) for number in range(len(REGISTERS)))


def write(vcpu: VCpu, number: int, data: bytes) -> VCpu | None:
    """Return the vCPU with a register set; None where it cannot be set."""
    register = REGISTERS[number]
    if register.write is None or len(data) != register.bits // 8:
        return None
    return register.write(vcpu, int.from_bytes(data, "little") & _MASK)


def description() -> str:
    """Return ``target.xml``."""
    bits = ((name, bit.bit_length() - 1) for name, bit in FLAG_NAMES)
    flags = "".join(f'<field name="{name}" start="{at}" end="{at}"/>' for name, at in bits)
    core = f'<flags id="x86_eflags" size="4">{flags}</flags>' + "".join(map(_line, _CORE))
    return (
        '<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0">'
        "<architecture>i386:x86-64</architecture>"
        f'<feature name="org.gnu.gdb.i386.core">{core}</feature>'
        f'<feature name="org.gnu.gdb.i386.segments">{"".join(map(_line, _SEGMENTS))}</feature>'
        f'<feature name="org.kgraft-sim.vcpu">{"".join(map(_line, _OWN))}</feature></target>'
    )


def _line(register: Register) -> str:
    group = f' group="{register.group}"' if register.group else ""
    return f'<reg name="{register.name}" bitsize="{register.bits}" type="{register.type}"{group}/>'
