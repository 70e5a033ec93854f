"""A litmus test on the machine: addresses, code, an IDT where there are handlers, and one vCPU per column.

Every block of code has a page of its own, every site 128 KiB, every word a cache line unless it is placed. All
names stand for addresses that an instruction can use directly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from simulator.errors import AssemblyError, LitmusError
from simulator.litmus.reader import REGISTERS
from simulator.litmus.test import TEXT_MODULUS, Code, Handler, Litmus, Place, Site
from simulator.machine.engine import Engine
from simulator.machine.machine import Machine, MachineConfig, fresh_vcpu
from simulator.machine.memory import PAGE, Access, BootImage, Region
from simulator.machine.profiles import profile as profile_by_name
from simulator.machine.state import State
from simulator.machine.vcpu import CpuLayout, Stack, System, VCpu
from simulator.x86.assemble import assemble
from simulator.x86.decode import disassemble

CODE, TEXT, ALIAS = 0xFFFFFFFF81000000, 0xFFFFFFFF82000000, 0xFFFFFFFF84000000
IDT, DATA, CONSTANT, PRIVATE = 0xFFFFFFFF86000000, 0xFFFFFFFF87000000, 0xFFFFFFFF88000000, 0xFFFFFFFF89000000
"""All in the last 2 GiB, where a displacement of 32 bits reaches them."""
SLOT = 2 * TEXT_MODULUS
"""Room for whatever is placed modulo 64 KiB."""
LINE, COPY = 64, 64
_STACKS = 3
_PRIVATE_SIZE = 8 * PAGE
_INTERRUPT_GATE = 0x8E
_CODE_SELECTOR = 0x10
_TSS_IST1 = 0x24
_RX, _RW, _R = Access.READ | Access.EXECUTE, Access.READ | Access.WRITE, Access.READ
_END = "the_end_: hlt\njmp the_end_"


@dataclass(frozen=True, slots=True)
class BuiltSite:
    """A site in memory."""

    name: str
    start: int
    end: int
    versions: tuple[tuple[str, bytes], ...]
    instructions: Mapping[tuple[int, bytes], tuple[str, ...]]
    """Address and bytes of each instruction of each version, to the versions that have it."""


@dataclass(frozen=True, slots=True)
class Built:
    """A litmus test that can run."""

    litmus: Litmus
    machine: Machine
    initial: State
    symbols: Mapping[str, int]
    sites: tuple[BuiltSite, ...]
    ends: tuple[int, ...]
    """For each CPU, where it stands once it has finished: behind its last HLT."""


def build(litmus: Litmus, fetch: str, engine: Engine, *, data_model: str = "tso") -> Built:
    """Return the test under a fetch model, by name or letter. Raises LitmusError."""
    symbols = _symbols(litmus)
    sites, text = _sites(litmus, symbols)
    blocks = [*litmus.threads, *(each.code for each in litmus.routines), *(each.code for each in litmus.handlers)]
    contents, ends = list(text), []
    for number, code in enumerate(blocks):
        thread = number < len(litmus.threads)
        address = CODE + number * PAGE
        machine_code, labels = _assemble(litmus, code, address, symbols, _END if thread else "ud2")
        contents.append((address, machine_code))
        if thread:
            ends.append(labels["the_end_"] + 1)
    first_handler = CODE + (len(blocks) - len(litmus.handlers)) * PAGE
    contents += _idt(litmus.handlers, first_handler)
    contents += ((symbols[word.name], (word.value % 2**64).to_bytes(8, "little")) for word in litmus.words)
    contents += _constants(sites, symbols)
    layouts = tuple(_layout(cpu) for cpu in range(len(litmus.threads)))
    contents += _interrupt_stacks(layouts)
    boot = BootImage(_regions(litmus, len(blocks)), contents)
    mutable = tuple(_joined((site.start, site.end) for site in sites))
    machine = Machine(boot, layouts, MachineConfig(profile_by_name(fetch), data_model, mutable=mutable), engine)
    vcpus = tuple(_vcpu(litmus, layout, symbols) for layout in layouts)
    return Built(litmus, machine, State((), vcpus), symbols, sites, tuple(ends))


# names ---------------------------------------------------------------------------------------------------


def _symbols(litmus: Litmus) -> dict[str, int]:
    """Return the address of every word, site, alias, routine, and copy of a version (``site_version``)."""
    symbols: dict[str, int] = {}
    for number, word in enumerate(litmus.words):
        slot, line = DATA + (1 + number) * SLOT, DATA + number * LINE
        symbols[word.name] = _placed(litmus, word.name, word.place, slot, symbols, line)
    copies = 0
    for number, site in enumerate(litmus.sites):
        slot = TEXT + number * SLOT
        symbols[site.name] = _placed(litmus, site.name, site.place, slot, symbols, slot)
        if site.alias is not None:
            symbols[site.alias] = symbols[site.name] - TEXT + ALIAS
        for version in site.versions:
            symbols[f"{site.name}_{version.name}"] = CONSTANT + copies * COPY
            copies += 1
    for number, routine in enumerate(litmus.routines):
        symbols[routine.name] = CODE + (len(litmus.threads) + number) * PAGE
    return symbols


def _placed(litmus: Litmus, name: str, place: Place | None, slot: int, known: Mapping[str, int], otherwise: int) -> int:
    if place is None:
        return otherwise
    if not place.base:
        return slot + place.offset
    if place.base not in known:
        where = f"{place.base}+{place.offset}"
        raise LitmusError(f"{litmus.source}: {name} stands at {where}, but {place.base} is not defined before it")
    return known[place.base] + place.offset


# code ----------------------------------------------------------------------------------------------------


def _assemble(
    litmus: Litmus, code: Code, address: int, symbols: Mapping[str, int], behind: str = ""
) -> tuple[bytes, dict[str, int]]:
    source = "\n".join([*(line.text for line in code), *([behind] if behind else [])])
    if not source:
        return b"", {}
    try:
        done = assemble(source, address, symbols)
    except AssemblyError as problem:
        raise LitmusError(f"{litmus.source}:{_located(str(problem), code)}") from None
    if len(done.code) > PAGE:
        raise LitmusError(f"{litmus.source}: a block of code is {len(done.code)} bytes long; there is room for {PAGE}")
    return done.code, done.labels


def _located(message: str, code: Code) -> str:
    """Return the assembler's message with its line in the file."""
    found = re.match(r"line (\d+): (.*)", message, re.DOTALL)
    if found is None or not 0 < int(found[1]) <= len(code):
        return f" {message}"
    line = code[int(found[1]) - 1]
    return f"{line.line}:{line.column}: {found[2]}"


def _sites(litmus: Litmus, symbols: Mapping[str, int]) -> tuple[tuple[BuiltSite, ...], list[tuple[int, bytes]]]:
    sites, contents = [], list[tuple[int, bytes]]()
    for site in litmus.sites:
        built, then = _site(litmus, site, symbols)
        code = built.versions[0][1] + then
        for start, other in contents:
            if start < built.start + len(code) and built.start < start + len(other):
                raise LitmusError(f"{litmus.source}: site {site.name} stands where another one stands")
        sites.append(built)
        contents.append((built.start, code))
    return tuple(sites), contents


def _site(litmus: Litmus, site: Site, symbols: Mapping[str, int]) -> tuple[BuiltSite, bytes]:
    start = symbols[site.name]
    versions = [(each.name, _assemble(litmus, each.code, start, symbols)[0]) for each in site.versions]
    size = len(versions[0][1])
    for name, code in versions:
        if len(code) > min(size, COPY):
            raise LitmusError(
                f"{litmus.source}: version {name} of {site.name} has {len(code)} bytes; "
                f"there is room for those of the first version, {min(size, COPY)}"
            )
    then = b"\xc3" if site.then is None else _assemble(litmus, site.then, start + size, symbols)[0]
    instructions: dict[tuple[int, bytes], tuple[str, ...]] = {}
    for name, code in versions:
        for each in disassemble(code, start):
            key = (each.address, each.code)
            instructions[key] = (*instructions.get(key, ()), name)
    return BuiltSite(site.name, start, start + size, tuple(versions), instructions), then


def _constants(sites: Iterable[BuiltSite], symbols: Mapping[str, int]) -> Iterator[tuple[int, bytes]]:
    """Yield the copies of the versions, each with what lies behind it in the first one."""
    for site in sites:
        for name, code in site.versions:
            yield symbols[f"{site.name}_{name}"], code + site.versions[0][1][len(code) :]


def _joined(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last: tuple[int, int] | None = None
    for start, end in sorted(ranges):
        if last is not None and start == last[1]:
            last = (last[0], end)
            continue
        if last is not None:
            yield last
        last = (start, end)
    if last is not None:
        yield last


# memory and vCPUs ----------------------------------------------------------------------------------------


def _regions(litmus: Litmus, blocks: int) -> Iterator[Region]:
    text = SLOT * max(len(litmus.sites), 1)
    yield Region("code", CODE, CODE + blocks * PAGE, _RX)
    yield Region("text", TEXT, TEXT + text, _RX | _RW)
    yield Region("alias", ALIAS, ALIAS + text, _RW, alias_of=TEXT)
    yield Region("idt", IDT, IDT + PAGE, _R)
    yield Region("data", DATA, DATA + SLOT * (1 + len(litmus.words)), _RW)
    yield Region("constant", CONSTANT, CONSTANT + 4 * PAGE, _R)
    for cpu in range(len(litmus.threads)):
        base = PRIVATE + cpu * 2 * _PRIVATE_SIZE
        yield Region(f"cpu{cpu}", base, base + _PRIVATE_SIZE, _RW, owner=cpu)


def _layout(cpu: int) -> CpuLayout:
    base = PRIVATE + cpu * 2 * _PRIVATE_SIZE
    tops = [base + _PRIVATE_SIZE - number * PAGE for number in range(_STACKS)]
    stacks = tuple(Stack(top - PAGE, top, number > 0) for number, top in enumerate(tops))
    return CpuLayout(cpu, base, (base, base), stacks, CODE + cpu * PAGE, tops[0])


def _interrupt_stacks(layouts: Iterable[CpuLayout]) -> Iterator[tuple[int, bytes]]:
    for layout in layouts:
        for number, stack in enumerate(layout.stacks[1:]):
            yield layout.base + _TSS_IST1 + 8 * number, stack.high.to_bytes(8, "little")


def _idt(handlers: Iterable[Handler], first: int) -> Iterator[tuple[int, bytes]]:
    for number, handler in enumerate(handlers):
        address = first + number * PAGE
        fields = (
            (address & 0xFFFF, 2), (_CODE_SELECTOR, 2), (handler.ist, 1), (_INTERRUPT_GATE, 1),
            (address >> 16 & 0xFFFF, 2), (address >> 32, 4), (0, 4),
        )  # fmt: skip
        yield IDT + 16 * handler.vector, b"".join(value.to_bytes(size, "little") for value, size in fields)


def _vcpu(litmus: Litmus, layout: CpuLayout, symbols: Mapping[str, int]) -> VCpu:
    vcpu = fresh_vcpu(layout)
    general = dict(zip(REGISTERS, (*vcpu.general, vcpu.rflags), strict=True)) | {"rdi": 0}
    for register in litmus.registers:
        if register.cpu == layout.number:
            general[register.name] = _value(litmus, register.value, symbols) % 2**64
    rflags = general.pop("rflags") | 2
    system = System(idt_base=IDT, idt_limit=0xFFF if litmus.handlers else 0, tss_base=layout.base)
    return vcpu._replace(general=tuple(general.values()), rflags=rflags, system=system)


def _value(litmus: Litmus, value: int | str, symbols: Mapping[str, int]) -> int:
    if isinstance(value, int):
        return value
    if value not in symbols:
        raise LitmusError(f"{litmus.source}: there is no `{value}`; names are {', '.join(symbols) or 'none'}")
    return symbols[value]
