"""GNU ld, told to put every section where the loader puts it, links the same bytes."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from simulator.guest.image import Image
from simulator.guest.kernel import kernel_names
from simulator.guest.layout import PERCPU_STRIDE, lay_out
from simulator.guest.linker import KERNEL, combine
from simulator.guest.loader import link
from simulator.guest.object import read_object
from simulator.guest.prebuilt import LIBRARY, shipped_folder, shipped_source
from simulator.guest.toolchain import Compiler, KernelConfig, compile_object

BASES = {KERNEL: 0xFFFFFFFF81000000}


def link_with_ld(folder: Path, objects: list[bytes]) -> tuple[Image, dict[tuple[int, int], tuple[int, bytes]]]:
    """Return our image, and for each section its address and what ld made of it."""
    files = [read_object(f"{index}.o", data) for index, data in enumerate(objects)]
    placed = lay_out(combine(files, [KERNEL] * len(files)).objects, [KERNEL] * len(files), BASES, {})
    script = ["SECTIONS {"]
    for index, data in enumerate(objects):
        (folder / f"{index}.o").write_bytes(data)
    for (index, number), address in placed.addresses.items():
        name = files[index].sections[number].name
        script.append(f"  s{index}.{number} {address:#x} : {{ {index}.o({name}) }}")
    (folder / "ld.script").write_text("\n".join([*script, "  /DISCARD/ : { *(*) }", "}"]))
    names = [f"{index}.o" for index in range(len(objects))]
    options = ["-T", "ld.script", "--defsym=__fentry__=0xffffffff81000000", "-o", "out"]
    subprocess.run(["ld", *options, *names], cwd=folder, check=True, capture_output=True)
    return link("test", files, cpus=1), output_sections(folder / "out")


def output_sections(path: Path) -> dict[tuple[int, int], tuple[int, bytes]]:
    """Read an executable's sections called ``s<object>.<section>``."""
    data = path.read_bytes()
    table, entry, count, names = (*struct.unpack_from("<Q", data, 40), *struct.unpack_from("<HHH", data, 58))
    rows = [struct.unpack_from("<IIQQQQIIQQ", data, table + entry * index) for index in range(count)]
    found = {}
    for row in rows:
        start = rows[names][4] + row[0]
        name = data[start : data.index(b"\0", start)].decode()
        if name.startswith("s") and row[1] == 1:
            index, number = map(int, name[1:].split("."))
            found[index, number] = (row[3], data[row[4] : row[4] + row[5]])
    return found


@pytest.mark.skipif(not shutil.which("ld"), reason="GNU ld is not installed")
@pytest.mark.parametrize("name", kernel_names())
def test_a_kernel_is_linked_as_ld_links_it(name: str, gcc: Compiler, tmp_path: Path) -> None:
    folder = shipped_folder()
    flags = KernelConfig().flags(gcc.kind)
    paths = [path for part in (name, LIBRARY) for path in sorted((folder / part).glob("*.[cS]"))]
    image, expected = link_with_ld(
        tmp_path, [compile_object(shipped_source(path, folder), gcc, flags).data for path in paths]
    )
    calls = {site.address + at for site in image.sites for at in range(5)}
    assert len(expected) > 20
    for address, data in expected.values():
        where = address if address >= PERCPU_STRIDE else image.cpus[0].base + address
        ours = image.read(where, len(data))
        pairs = enumerate(zip(ours, data, strict=True))
        assert not [at for at, (mine, theirs) in pairs if mine != theirs and address + at not in calls]
