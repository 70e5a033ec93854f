"""Objects to an image: what the boot loader, ``ftrace_init()`` and the module loader do, before the first
instruction.

Sections are placed (``layout``), names become addresses (``linker``), calls of ``__fentry__`` become NOPs
(``sites``), and the per-CPU data is copied to every CPU's block, as ``setup_per_cpu_areas()`` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.errors import LoadError, UnknownSymbol
from simulator.guest import layout
from simulator.guest.image import Image, cpu_area
from simulator.guest.layout import Area, Layout, Place, Placement, Span, Wanted, area_of, lay_out
from simulator.guest.lines import Lines, LinkedObject
from simulator.guest.linker import KERNEL, Linker, Program, combine, is_defined
from simulator.guest.object import SHN_LORESERVE, ObjectFile
from simulator.guest.sites import MCOUNT, FunctionSite, ObjectSite, entry_offset, find_sites, without_calls
from simulator.guest.structs import require_same_structs
from simulator.guest.symbols import Symbol, Symbols, closest, sized_labels
from simulator.guest.tables import callbacks, patch_pairs
from simulator.machine.memory import PAGE, Access, Region

_READ_WRITE: Final = Access.READ | Access.WRITE
_READ_EXECUTE: Final = Access.READ | Access.EXECUTE
_ACCESS: Final = {
    Area.TEXT: _READ_EXECUTE,
    Area.RODATA: Access.READ,
    Area.RO_AFTER_INIT: _READ_WRITE,
    Area.DATA: _READ_WRITE,
    Area.BSS: _READ_WRITE,
}
_PADDING: Final = b"\xcc"
_CALL_OPERAND: Final = 1
_BINDINGS: Final = ("global", "weak", "local")


@dataclass(frozen=True, slots=True)
class Module:
    """A patch module: its name and its objects."""

    name: str
    objects: tuple[ObjectFile, ...]


def link(
    name: str,
    kernel: Sequence[ObjectFile],
    modules: Sequence[Module] = (),
    *,
    cpus: int,
    placements: Mapping[str, Placement] | None = None,
    folders: Sequence[Path] = (),
) -> Image:
    """Link a kernel and its patch modules; ``folders`` are what source names are relative to."""
    if not 1 <= cpus <= layout.MAX_CPUS:
        raise LoadError(f"{cpus} vCPUs: a guest kernel has 1 to {layout.MAX_CPUS}")
    program = _program(kernel, modules)
    sites = [find_sites(obj) for obj in program.objects]
    wanted = _wanted(program, sites, placements or {})
    bases = {KERNEL: layout.KERNEL_TEXT}
    if modules:
        bases[modules[0].name] = layout.MODULE_TEXT
    placed = lay_out(program.objects, program.owners, bases, wanted)
    linker = Linker(program, placed)
    linked = tuple(_linked_objects(linker))
    for owner, obj in zip(program.owners, linked, strict=True):
        if owner != KERNEL:
            require_same_structs(linked[: len(kernel)], obj)
    symbols = Symbols(f"kernel {name}", sized_labels(_symbols(linker), [(s.start, s.end) for s in placed.spans]))
    return Image(
        name=name,
        regions=tuple(_regions(placed, cpus)),
        contents=tuple(sorted(_contents(linker, sites, cpus))),
        symbols=symbols,
        sites=tuple(_function_sites(linker, sites, symbols)),
        patches=patch_pairs(linker, symbols, [module.name for module in modules]),
        callbacks=callbacks(linker, symbols),
        lines=Lines(linked, folders),
        cpus=tuple(cpu_area(cpu) for cpu in range(cpus)),
        references=frozenset(linker.references()),
    )


def _program(kernel: Sequence[ObjectFile], modules: Sequence[Module]) -> Program:
    names = [module.name for module in modules]
    if len({KERNEL, *names}) <= len(names):
        raise LoadError(f"modules must have different names, and none may be called {KERNEL!r}: {', '.join(names)}")
    objects = [*kernel, *(obj for module in modules for obj in module.objects)]
    owners = [KERNEL] * len(kernel) + [module.name for module in modules for _ in module.objects]
    return combine(objects, owners)


def _wanted(
    program: Program, sites: Sequence[Sequence[ObjectSite]], placements: Mapping[str, Placement]
) -> dict[Place, Wanted]:
    wanted: dict[Place, Wanted] = {}
    for name, placement in placements.items():
        index, number = _function(program, name)
        symbol = program.objects[index].symbols[number]
        site = entry_offset(program.objects[index], sites[index], symbol.section, symbol.value, symbol.size)
        place = (index, symbol.section)
        if place in wanted:
            raise LoadError(f"{name} cannot be placed: it shares a section with another placed function")
        wanted[place] = Wanted(site, placement)
    return wanted


def _function(program: Program, name: str) -> tuple[int, int]:
    """Return the one function of this name: a global one goes first, then the kernel's, then the modules'."""
    functions = [
        (_BINDINGS.index(symbol.binding), program.owners[index] != KERNEL, symbol.name, (index, number))
        for index, obj in enumerate(program.objects)
        for number, symbol in enumerate(obj.symbols)
        if is_defined(symbol) and symbol.section < SHN_LORESERVE and area_of(obj.sections[symbol.section]) is Area.TEXT
    ]
    found = sorted(function for function in functions if function[2] == name)
    if not found:
        names = dict.fromkeys(function[2] for function in functions if not function[2].startswith("."))
        raise UnknownSymbol(f"no function {name!r} to place{closest(name, names)}")
    if len(found) > 1 and found[0][:2] == found[1][:2]:
        places = ", ".join(program.objects[place[0]].name for *_, place in found)
        raise UnknownSymbol(f"{name!r} cannot be placed: {len(found)} sources have a function of this name ({places})")
    return found[0][3]


def _symbols(linker: Linker) -> Iterator[Symbol]:
    for index, obj in enumerate(linker.program.objects):
        for number, symbol in enumerate(obj.symbols):
            start = linker.layout.addresses.get((index, symbol.section))
            if start is not None and is_defined(symbol) and not _is_hidden(linker.program, index, number):
                yield Symbol(symbol.name, start + symbol.value, symbol.size, symbol.binding, symbol.kind, obj.name)


def _is_hidden(program: Program, index: int, number: int) -> bool:
    """Whether a name is the assembler's own, or a weak one that another source has overridden."""
    symbol = program.objects[index].symbols[number]
    if symbol.binding == "local":
        return symbol.name.startswith(".L")
    return program.globals[program.owners[index]].get(symbol.name) != (index, number)


def _regions(placed: Layout, cpus: int) -> Iterator[Region]:
    for span in placed.spans:
        if span.start < span.end and span.area in _ACCESS:
            yield from _span_regions(span)
    start = layout.PATCHER_TEXT
    yield Region("patcher text", start, start + layout.PATCHER_TEXT_SIZE, _READ_EXECUTE)
    for cpu in range(cpus):
        area = cpu_area(cpu)
        yield Region(f"vCPU{cpu} per-CPU shared", *area.shared, _READ_WRITE)
        yield Region(f"vCPU{cpu} per-CPU private", *area.private, _READ_WRITE, owner=cpu)
        for (name, _), stack in zip(layout.STACKS, area.stacks, strict=True):
            yield Region(f"vCPU{cpu} {name}", *stack, _READ_WRITE, owner=cpu)


def _span_regions(span: Span) -> Iterator[Region]:
    start, end = span.start, -(-span.end // PAGE) * PAGE
    name = f"{span.owner} {span.area.value}"
    yield Region(name, start, end, _ACCESS[span.area], init_only=span.area is Area.RO_AFTER_INIT)
    if span.area is Area.TEXT:
        delta = layout.KERNEL_TEXT_ALIAS - layout.KERNEL_TEXT
        if span.owner != KERNEL:
            delta = layout.MODULE_TEXT_ALIAS - layout.MODULE_TEXT
        yield Region(f"{name} alias", start + delta, end + delta, _READ_WRITE, alias_of=start)


def _contents(linker: Linker, sites: Sequence[Sequence[ObjectSite]], cpus: int) -> Iterator[tuple[int, bytes]]:
    for span in linker.layout.spans:
        if span.area is Area.BSS or span.start == span.end:
            continue
        size = span.end - span.start
        data = bytearray(_PADDING * (-(-size // PAGE) * PAGE) if span.area is Area.TEXT else size)
        for (index, number), start in linker.layout.addresses.items():
            obj = linker.program.objects[index]
            if span.start <= start < span.end and area_of(obj.sections[number]) is span.area:
                calls = [site.offset for site in sites[index] if site.section == number and site.kind == MCOUNT]
                code = linker.relocated(index, number, (call + _CALL_OPERAND for call in calls))
                without_calls(code, calls)
                data[start - span.start : start - span.start + len(code)] = code
        bases = [cpu_area(cpu).base for cpu in range(cpus)] if span.area in layout.PER_CPU else [0]
        for base in bases:
            yield base + span.start, bytes(data)


def _function_sites(linker: Linker, sites: Sequence[Sequence[ObjectSite]], symbols: Symbols) -> Iterator[FunctionSite]:
    for index, found in enumerate(sites):
        for site in found:
            start = linker.layout.addresses.get((index, site.section))
            if start is None:
                raise LoadError(f"{linker.program.objects[index].name}: a patch site outside the text")
            address = start + site.offset
            function = symbols.at(address)
            inside = function is not None and address < function.end
            yield FunctionSite(function.name if function and inside else f"{address:#x}", address, site.kind)


def _linked_objects(linker: Linker) -> Iterator[LinkedObject]:
    for index, obj in enumerate(linker.program.objects):
        spans = [
            (start, start + obj.sections[number].size)
            for (where, number), start in linker.layout.addresses.items()
            if where == index and obj.sections[number].executable
        ]
        yield LinkedObject(obj, linker.values(index), tuple(spans))
