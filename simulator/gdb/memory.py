"""Guest memory as gdb reads and writes it: coherent, or as one CPU would fetch it.

Private memory belongs to a CPU, and any CPU may look at it here. Breakpoints are never in it: gdb is told that all
memory is RAM and that we plant its breakpoints, so it has no reason to write an INT3 of its own.
"""

from __future__ import annotations

from simulator.explore.subject import Subject
from simulator.machine.machine import Machine
from simulator.machine.memory import Access, Region, read_cells, write_cells
from simulator.machine.state import State
from simulator.report.sights import look


def read(machine: Machine, state: State, address: int, size: int) -> bytes:
    """Return memory's bytes, fewer than asked for where memory ends; none where there is none."""
    parts = b""
    while len(parts) < size:
        region = machine.boot.region(address + len(parts))
        if region is None:
            break
        here = address + len(parts)
        take = min(size - len(parts), region.end - here)
        cells = state.memory if region.owner is None else state.vcpus[region.owner].private
        parts += read_cells(machine.boot, cells, region.canonical(here), take)
    return parts


def read_as(subject: Subject, state: State, cpu: int, address: int, size: int) -> bytes:
    """Return the bytes that a CPU would fetch if it went on with the oldest that it may still hold."""
    data = bytearray(read(subject.machine, state, address, size))
    for site in subject.watch.sites:
        view = look(subject.machine.text, site, state).cpus[cpu]
        held = b"".join(values[-1] for values in view.pieces)
        for offset, byte in enumerate(held):
            at = site.address + offset - address
            if 0 <= at < len(data):
                data[at] = byte
    return bytes(data)


def write(machine: Machine, state: State, address: int, data: bytes) -> State | str:
    """Return the state with ``data`` in memory, visible to all at once, or why that cannot be."""
    region = machine.boot.region(address)
    if region is None or address + len(data) > region.end:
        return "no memory there"
    where = region.canonical(address)
    if not _writable(machine, region, where, len(data)):
        return f"{region.name} never changes, except for its patch sites"
    if region.owner is None:
        return State(write_cells(machine.boot, state.memory, where, data), state.vcpus)
    owner = state.vcpus[region.owner]
    changed = owner._replace(private=write_cells(machine.boot, owner.private, where, data))
    return State(state.memory, tuple(changed if each is owner else each for each in state.vcpus))


def _writable(machine: Machine, region: Region, where: int, size: int) -> bool:
    if machine.text.contains(where, where + size):
        return True
    is_text = region.access & Access.EXECUTE or region.alias_of is not None
    return bool(region.access & Access.WRITE) and not is_text


def memory_map(machine: Machine) -> str:
    """Return the memory map as XML."""
    areas = "".join(
        f'<memory type="ram" start="{region.start:#x}" length="{region.end - region.start:#x}"/>'
        for region in sorted(machine.boot.regions, key=lambda region: region.start)
    )
    return (
        '<?xml version="1.0"?><!DOCTYPE memory-map PUBLIC "+//IDN gnu.org//DTD GDB Memory Map V1.0//EN" '
        f'"http://sourceware.org/gdb/gdb-memory-map.dtd"><memory-map>{areas}</memory-map>'
    )
