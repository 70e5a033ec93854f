"""The size of the guest's kGraft core, as docs/consistency.md states it."""

from __future__ import annotations

from pathlib import Path

from simulator.data import data_folder
from simulator.guest.kernel import load_kernel
from simulator.machine.engine import Engine
from simulator.patching.consistency.kgraft import SLOW_STUB
from simulator.scenario.build import prepare
from tests.consistency.guests import shipped

PAGE = Path(__file__).parents[2] / "docs" / "consistency.md"


def rows() -> list[str]:
    """Return the rows of the page's table."""
    image = load_kernel("tasks", cpus=1)
    found = []
    for name in ("kgraft.c", "universe.c", "interrupt.c"):
        lines = len((data_folder("guest_kernels") / "tasks" / name).read_text().splitlines())
        functions = [s for s in image.symbols if s.kind == "function" and s.object.endswith(f"/tasks/{name}")]
        found.append(f"| `{name}` | {lines} | {sum(function.size for function in functions)} |")
    stub = prepare(shipped("contract-kgraft"), Engine()).image.symbols.by_name("slow_stub_reserve_1")
    return [*found, f"| the slow stub, per function | {len(SLOW_STUB.split(chr(10))) - 2} | {stub.size} |"]


def test_the_page_states_the_size_of_the_core() -> None:
    missing = [row for row in rows() if row not in PAGE.read_text().splitlines()]
    assert not missing, "put these rows there:\n" + "\n".join(missing)
