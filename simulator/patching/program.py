"""From protocol to guest code: the routine that the patcher's vCPU runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.errors import ScenarioError
from simulator.patching.sites import PatchSite
from simulator.patching.steps import (
    Arm,
    Delay,
    Disarm,
    Fence,
    Protocol,
    ReleaseMachine,
    Step,
    StopMachine,
    Store,
    Sync,
    SyncCores,
    WaitRefs,
    describe,
    written,
)
from simulator.x86.assemble import assemble

SYNC_VECTOR = 0xFB
_ICR = 0x830
_ALL_BUT_SELF = 3 << 18
_NMI_MODE = 4 << 8
BEHIND = 16
"""Bytes behind a site that a store of new text may reach."""
_STORES = {1: ("byte", "al"), 2: ("word", "ax"), 4: ("dword", "eax"), 8: ("qword", "rax")}


@dataclass(frozen=True, slots=True)
class Piece:
    """One step in the assembled routine: what it is and the addresses it takes."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Routine:
    """A patcher routine at its address."""

    address: int
    code: bytes
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What the routine needs to know of the guest it is assembled for."""

    symbol: Callable[[str], int]
    """Address of a guest symbol."""
    writable: Callable[[int], int]
    """Address of text to the address of its writable mapping."""
    behind: Callable[[int, int], bytes]
    """Original bytes at an address."""
    others: int
    """CPUs that acknowledge a sync."""


def assemble_routine(
    address: int, protocol: Protocol, site: PatchSite, target: Target, syncs_before: int = 0
) -> Routine:
    """Assemble a protocol for every version that a site goes through, one after another, ending with RET."""
    code, syncs = b"", syncs_before
    pieces: list[Piece] = []
    for version in range(1, len(site.versions)):
        for step in protocol.steps:
            if isinstance(step, SyncCores) and step.how is not Sync.DELAY:
                syncs += 1
            source = _source(step, site, version, target, syncs)
            here = address + len(code)
            part = assemble(source, here).code
            pieces.append(Piece(f"{len(pieces) + 1}. {describe(step)}", here, here + len(part)))
            code += part
    return Routine(address, code + assemble("ret", address + len(code)).code, tuple(pieces))


def stored_ranges(protocol: Protocol, site: PatchSite) -> tuple[int, int]:
    """Return the range of text that the protocol's stores touch, at least the site itself."""
    ends = [site.address + step.offset + _size(step) for step in protocol.steps if isinstance(step, Store)]
    return site.address, max([site.end, *ends])


def _size(store: Store) -> int:
    return len(store.data) if isinstance(store.data, bytes) else store.data.stop - store.data.start


def _source(step: Step, site: PatchSite, version: int, target: Target, syncs: int) -> str:
    symbol = target.symbol
    match step:
        case Arm():
            return _set(symbol("poke_armed"), version)
        case Disarm():
            return _set(symbol("poke_armed"), 0)
        case Store():
            return _store(step, site, version, target)
        case Fence():
            return "mfence"
        case SyncCores(Sync.DELAY):
            return _delay(8)
        case SyncCores(how):
            return _sync(how, symbol("sync_acks"), syncs * target.others)
        case WaitRefs():
            return _wait(symbol("poke_refs"), 0)
        case Delay(turns):
            return _delay(turns)
        case StopMachine():
            return _set(symbol("stop_request"), 1) + "\n" + _wait(symbol("stop_acks"), target.others)
        case ReleaseMachine():  # who leaves first and polls again must not find the request still standing
            return _set(symbol("stop_request"), 0) + "\n" + _set(symbol("stop_release"), 1)


def _set(address: int, value: int) -> str:
    return f"movabs rdi, {address:#x}\nmov dword ptr [rdi], {value}"


def _wait(address: int, value: int) -> str:
    return f"""
        movabs rdi, {address:#x}
    again:
        mov eax, dword ptr [rdi]
        cmp eax, {value}
        je over
        pause
        jmp again
    over:
    """


def _delay(turns: int) -> str:
    return f"mov ecx, {turns}\nagain:\npause\ndec ecx\njne again"


def _sync(how: Sync, acks: int, expected: int) -> str:
    """MFENCE first: the x2APIC's MSRs do not serialize, so the IPI could overtake the store (SDM 3A 10.12.3)."""
    command = _ALL_BUT_SELF | (_NMI_MODE if how is Sync.NMI else SYNC_VECTOR)
    return f"""
        mfence
        mov ecx, {_ICR:#x}
        mov eax, {command:#x}
        xor edx, edx
        wrmsr
        {_wait(acks, expected)}
        xor eax, eax
        cpuid
    """


def _store(step: Store, site: PatchSite, version: int, target: Target) -> str:
    data = written(step, site.versions[version] + target.behind(site.end, BEHIND))
    if len(data) not in _STORES:
        raise ScenarioError(f"step {describe(step)}: a store has 1, 2, 4 or 8 bytes, not {len(data)}")
    width, register = _STORES[len(data)]
    where = target.writable(site.address + step.offset)
    operation = "xchg" if step.locked else "mov"
    value = int.from_bytes(data, "little")
    return f"movabs rdi, {where:#x}\nmovabs rax, {value:#x}\n{operation} {width} ptr [rdi], {register}"
