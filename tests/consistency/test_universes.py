"""Which universe a task is in, judged on hand-made events."""

from __future__ import annotations

from simulator.explore.universes import Past, Universes, step
from simulator.machine.events import Delivered, Event, Executed, Returned

ENTRY, OLD_F, NEW_F, OLD_G, NEW_G, SLOT_0, SLOT_1 = range(0x100, 0x800, 0x100)
WORLD = Universes({OLD_F: 1, NEW_F: 2, OLD_G: 1, NEW_G: 2}, frozenset({ENTRY}), {SLOT_0: 0, SLOT_1: 1}, frozenset())


def run(*events: int | Event) -> bool:
    """Run events of CPU 0, numbers being addresses that it executes; say whether any mixed universes."""
    past, mixed = Past(), False
    for event in events:
        happened = Executed(0, event, b"") if isinstance(event, int) else event
        past, found = step(WORLD, past, happened)
        mixed = mixed or found
    return mixed


def interrupted(at: int, vector: int = 0xEC) -> Delivered:
    return Delivered(0, vector, at, 0xF000)


def test_two_old_functions_go_together() -> None:
    assert not run(ENTRY, OLD_F, OLD_G)


def test_an_old_function_and_a_new_one_in_one_kernel_entry_are_mixed() -> None:
    assert run(ENTRY, OLD_F, NEW_G)


def test_a_new_kernel_entry_begins_anew() -> None:
    assert not run(ENTRY, OLD_F, ENTRY, NEW_G)


def test_another_task_of_the_same_cpu_has_a_universe_of_its_own() -> None:
    assert not run(ENTRY, OLD_F, SLOT_1, ENTRY, NEW_G)


def test_a_task_that_runs_again_is_still_in_its_universe() -> None:
    assert run(ENTRY, OLD_F, SLOT_1, ENTRY, NEW_G, SLOT_0, NEW_G)


def test_an_interrupt_handler_may_be_new_where_its_task_is_old() -> None:
    assert not run(ENTRY, OLD_F, interrupted(0x42), NEW_F, Returned(0, 0x42), OLD_G)


def test_an_interrupt_handler_that_mixes_is_noticed() -> None:
    assert run(ENTRY, interrupted(0x42), OLD_F, NEW_G)


def test_what_a_task_ran_before_an_interrupt_counts_after_it() -> None:
    assert run(ENTRY, OLD_F, interrupted(0x42), Returned(0, 0x42), NEW_G)


def test_a_breakpoint_acts_for_the_task_that_hit_it() -> None:
    assert run(ENTRY, OLD_F, interrupted(0x43, vector=3), Returned(0, NEW_G), NEW_G)


def test_a_cpu_that_serializes_in_a_handler_has_not_left_it() -> None:
    assert not run(ENTRY, OLD_F, interrupted(0x42), Returned(0, 0xF010), NEW_G)


def test_a_nested_handler_has_a_universe_of_its_own() -> None:
    assert not run(ENTRY, interrupted(0x42), OLD_F, interrupted(0xF004, vector=2), NEW_F, Returned(0, 0xF004), OLD_G)
