"""The ELF file for debuggers says the same as the image."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from elftools.elf.elffile import ELFFile

from simulator.guest.executable import executable
from simulator.guest.image import Image
from simulator.guest.kernel import load_kernel
from simulator.guest.symbols import Symbol


@cache
def image() -> Image:
    return load_kernel("syscalls", cpus=2, modules=("bounds",))


@cache
def file() -> ELFFile:
    return ELFFile(BytesIO(executable(image(), (Symbol("mark", 0x1234, 0, "local", "label", "generated"),))))


def test_memory_is_that_of_the_image() -> None:
    loaded = {segment["p_vaddr"]: segment.data() for segment in file().iter_segments("PT_LOAD")}
    assert loaded == {
        region.start: image().read(region.start, region.end - region.start)
        for region in image().regions
        if region.alias_of is None
    }


def test_every_name_is_there_with_its_address_and_the_labels_too() -> None:
    table = file().get_section_by_name(".symtab")
    found = {(symbol.name, symbol["st_value"], symbol["st_size"]) for symbol in table.iter_symbols()}
    assert {(symbol.name, symbol.address, symbol.size) for symbol in image().symbols} | {("mark", 0x1234, 0)} <= found


def test_local_symbols_come_first() -> None:
    table = file().get_section_by_name(".symtab")
    local = [symbol["st_info"]["bind"] == "STB_LOCAL" for symbol in table.iter_symbols()]
    assert local == sorted(local, reverse=True) and sum(local) == table["sh_info"]


def test_the_joined_line_tables_name_the_lines_that_each_object_names() -> None:
    dwarf = file().get_dwarf_info()
    rows = {}
    for unit in dwarf.iter_CUs():
        program = dwarf.line_program_for_CU(unit)
        for entry in program.get_entries():
            if entry.state is not None and not entry.state.end_sequence:
                rows[entry.state.address] = entry.state.line
    lines = {address: image().lines.find(address) for address in rows}
    assert len(rows) > 100
    assert all(found is None or found.line == rows[address] for address, found in lines.items())


def test_functions_in_the_joined_debug_information_stand_at_their_symbols() -> None:
    dwarf = file().get_dwarf_info()
    placed = {
        entry.attributes["DW_AT_name"].value.decode(): entry.attributes["DW_AT_low_pc"].value
        for unit in dwarf.iter_CUs()
        for entry in unit.iter_DIEs()
        if entry.tag == "DW_TAG_subprogram" and {"DW_AT_low_pc", "DW_AT_name"} <= {*entry.attributes}
    }
    assert placed["int3_emulate"] == image().address("int3_emulate")
    assert all(image().symbols.by_name(name).address == address for name, address in placed.items())
