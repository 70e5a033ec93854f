"""Time lost to a patch, counted by hand where it can be, and what docs/consistency.md says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from simulator.explore.lost import lost
from simulator.explore.schedulers.base import usual
from simulator.explore.simulate import Execution, TraceStep
from simulator.machine.choice import Kind
from simulator.machine.engine import Engine
from simulator.scenario.build import Built, build
from simulator.scenario.compare import measure
from simulator.scenario.patch_code import patch_code
from simulator.scenario.scenario import Scenario
from simulator.x86.decode import Instruction, disassemble
from tests.consistency.guests import shipped
from tests.consistency.test_size import PAGE


def built(consistency: str = "kgraft", program: str = "user_nothing") -> Built:
    return build(replace(shipped("contract-kgraft"), consistency=consistency, tasks=((program,),)), Engine())


def steps_of(execution: Execution, cpu: int, count: int) -> Iterator[TraceStep]:
    """Let one CPU run alone."""
    for _ in range(count):
        yield execution.take(usual([choice for choice in execution.enabled() if choice.cpu == cpu]))


def disassembled(guest: Built, name: str) -> list[Instruction]:
    symbol = guest.image.symbols.by_name(name)
    code = disassemble(guest.image.read(symbol.address, symbol.size), symbol.address)
    return [item for item in code if isinstance(item, Instruction)]


def longest(guest: Built, steps: list[TraceStep]) -> int:
    return lost(patch_code(guest), steps, 1)[0].instructions


def test_a_safe_point_with_nothing_to_do_costs_its_instructions_up_to_the_first_return() -> None:
    guest = built()
    steps = list(steps_of(Execution(guest.subject), 0, 200))
    names = [item.mnemonic for item in disassembled(guest, "kgr_task_safe")]
    assert longest(guest, steps) == names.index("ret") + 1


def test_a_sync_ipi_in_user_code_costs_the_instructions_of_its_handler() -> None:
    guest = built()
    execution, steps = Execution(guest.subject), list[TraceStep]()
    while not any(choice.kind is Kind.INTERRUPT for choice in execution.enabled()):
        steps += steps_of(execution, 1, 1)
    steps += steps_of(execution, 0, 200)
    assert longest(guest, steps) == len(disassembled(guest, "entry_sync"))


def test_the_patcher_s_own_time_is_not_counted() -> None:
    guest = built()
    assert longest(guest, list(steps_of(Execution(guest.subject), 1, 200))) == 0


@pytest.mark.parametrize(("model", "waits"), [("kgraft", False), ("hybrid", False), ("stop-machine", True)])
def test_only_a_model_that_stops_cpus_makes_them_wait(model: str, waits: bool) -> None:
    assert [each.waits for each in measure(built(model, "user_reserve"), 0).stretches] == [waits]


PATCHED = ("ticket_make", "ticket_take", "sys_wait")


def cost(model: str, functions: int, cpus: int) -> int:
    """Return the most that any CPU loses, as the table of the page has it."""
    scenario = Scenario(
        kernel="tasks", patch="wait", functions=PATCHED[:functions], consistency=model, cpus=cpus,
        tasks=(("user_ticket", "user_ticket"), ("user_ticket",)),
    )  # fmt: skip
    return max(each.instructions for each in measure(build(scenario, Engine())).stretches)


def row(model: str, functions: int) -> list[str]:
    """Return the cells of the page's table for a model and a number of functions."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith(f"| `{model}` | {functions} |")]
    return [cell.strip().replace(",", "") for cell in lines[0].strip("|").split("|")][2:]


@pytest.mark.slow
@pytest.mark.parametrize("model", ["kgraft", "stop-machine"])
@pytest.mark.parametrize(("functions", "cpus"), [(1, 1), (3, 3)])
def test_the_page_states_what_a_model_costs(model: str, functions: int, cpus: int) -> None:
    assert row(model, functions)[cpus - 1] == str(cost(model, functions, cpus))
