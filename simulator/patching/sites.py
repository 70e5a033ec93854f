"""Patch sites: which bytes become which, and whether a patch may be put there at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from simulator.errors import ScenarioError
from simulator.x86.decode import Instruction, disassemble
from simulator.x86.encode import NOP5, call_rel32, jmp_rel32

SITE_SIZE = 5


class Edit(StrEnum):
    """What the site becomes."""

    JMP = "jmp"
    """NOP or JMP to JMP: a function is replaced."""
    NOP = "nop"
    """JMP to NOP: the replacement is taken back."""
    CALL = "call"
    """NOP to CALL: a tracer is attached."""


@dataclass(frozen=True, slots=True)
class PatchSite:
    """The five bytes at ``address``, and every version they go through."""

    name: str
    address: int
    versions: tuple[bytes, ...]
    targets: tuple[int, ...]
    """Where each version after the first leads (0 for a NOP)."""
    kinds: tuple[Edit, ...]

    @property
    def end(self) -> int:
        """Return the address behind the site."""
        return self.address + SITE_SIZE


def new_text(address: int, edit: Edit, target: int) -> bytes:
    """Return the five bytes of the new instruction."""
    match edit:
        case Edit.JMP:
            return jmp_rel32(address, target)
        case Edit.CALL:
            return call_rel32(address, target)
        case Edit.NOP:
            return NOP5


def plan(name: str, address: int, old: bytes, edits: Iterable[tuple[Edit, int]]) -> PatchSite:
    """Return the site that goes through ``edits``, starting from ``old``."""
    steps = tuple(edits)
    versions = (old, *(new_text(address, edit, target) for edit, target in steps))
    return PatchSite(name, address, versions, tuple(target for _, target in steps), tuple(edit for edit, _ in steps))


def static_findings(site: PatchSite, function: tuple[int, bytes], references: Iterable[int]) -> tuple[str, ...]:
    """Check a site without running anything; return what speaks against it, in words.

    ``function`` is the address and the bytes of the function it lies in, ``references`` all addresses that
    some branch target, relocation or table of the image names. Rules: an instruction boundary at both ends,
    one whole instruction between them, and nobody leads inside (Documentation/trace/kprobes.rst, "Optimized
    KProbes"; arch/x86/kernel/ftrace.c on multi-part NOPs).
    """
    start, code = function
    sweep = disassemble(code, start)
    boundaries = {item.address for item in sweep} | {start + len(code)}
    found = []
    for edge, what in ((site.address, "start"), (site.end, "end")):
        if edge not in boundaries:
            found.append(f"no instruction boundary at the {what} of the site, {edge:#x}")
    inside = [item for item in sweep if site.address < item.address < site.end]
    if inside:
        found.append(f"{len(inside) + 1} instructions in the five bytes: a CPU can stand between them")
    targets = {item.target: item for item in sweep if isinstance(item, Instruction) and item.target is not None}
    for target in sorted({*targets, *references}):
        if site.address < target < site.end:
            found.append(f"something leads to {target:#x}, inside the site")
    return tuple(found)


def require_sound(site: PatchSite, findings: tuple[str, ...]) -> None:
    """Raise ScenarioError when a static check speaks against a site."""
    if findings:
        raise ScenarioError(
            f"{site.name} cannot be patched safely: {findings[0]}"
            + (f" (and {len(findings) - 1} more)" if len(findings) > 1 else "")
            + "; say unchecked=True in the scenario to try it all the same"
        )
