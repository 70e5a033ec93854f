"""Every line of the guest's kGraft code that carries weight, taken out: some shipped scenario notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from simulator.errors import BuildError
from simulator.explore.verdict import Outcome
from simulator.guest.toolchain import find_compiler
from simulator.patching.consistency.kgraft import KGRAFT
from simulator.patching.consistency.model import Model
from tests.consistency.guests import changed_kernel, shipped, verdict


def has_compiler() -> bool:
    try:
        find_compiler()
    except BuildError:
        return False
    return True


needs_compiler = pytest.mark.skipif(not has_compiler(), reason="changed C has to be compiled")


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change of one file, and the scenario that notices."""

    file: str
    changes: Mapping[str, str]
    scenario: str
    fetch: str = "coherent"


_SYNC = "\tsync_cores();\n"
_FIRST = "INT3_OPCODE);\n" + _SYNC
_SECOND = "write_tail(&kgr_funcs[i], version);\n" + _SYNC
_THIRD = "head(&kgr_funcs[i], version));\n" + _SYNC

MUTATIONS = {
    "no task is marked": Mutation("kgraft.c", {"\tif (kgr_marks_first)\n\t\tkgr_mark();": ""}, "contract-kgraft"),
    "finalize without waiting": Mutation("kgraft.c", {"\t\tkgr_wait();\n": "\t\t;\n"}, "contract-kgraft"),
    "no quiescence between two patches": Mutation("kgraft.c", {"\t\t\tkgr_quiesce();": "\t\t\t;"}, "revert"),
    "no sync after the flag of interrupts": Mutation(
        "kgraft.c", {"\t\tsync_cores();": "\t\t;"}, "timer-kgraft"
    ),
    "interrupts are never told": Mutation(
        "kgraft.c", {"WRITE_ONCE(kgr_irq_patch, patch);": "(void)patch;"}, "timer-kgraft"
    ),
    "a handler is taken for its task": Mutation(
        "interrupt.c", {"\tthis_cpu_inc(in_interrupt);\n": "", "\tthis_cpu_dec(in_interrupt);\n": ""}, "timer-kgraft"
    ),
    "the first sync of a poke is skipped": Mutation(
        "text.c", {_FIRST: _FIRST.removesuffix(_SYNC)}, "contract-kgraft", "stale1"
    ),
    "the second sync of a poke is skipped": Mutation(
        "text.c", {_SECOND: _SECOND.removesuffix(_SYNC)}, "contract-kgraft", "stale1"
    ),
    "the last sync of a poke is skipped": Mutation(
        "text.c", {_THIRD: _THIRD.removesuffix(_SYNC)}, "revert", "zen3"
    ),
    "the flag is cleared where a task sleeps": Mutation(
        "sched.c", {"\tfor (;;) {\n\t\txchg(": "\tfor (;;) {\n\t\tkgr_task_safe();\n\t\txchg("},
        "caller-not-on-the-list-kgraft",
    ),
    "the flag is cleared between two calls": Mutation(
        "kernel.c",
        {"\treturn ticket_take(ticket_make(number));":
         "\tu64 t = ticket_make(number);\n\n\tkgr_task_safe();\n\treturn ticket_take(t);"},
        "kthread-with-safe-point",
    ),
    "no task may ever change over": Mutation("universe.c", {"KGR_OLD | KGR_PENDING": "KGR_OLD"}, "contract-kgraft"),
    "a dying task keeps its flag": Mutation("sched.c", {"\tWRITE_ONCE(task->kgr, 0);\n": ""}, "fork-in-the-middle"),
    "a birth does not hold the lock": Mutation(
        "sched.c",
        {"\tspin_lock(&tasklist_lock);\n\tWRITE_ONCE(child": "\tWRITE_ONCE(child",
         "child->state, TASK_RUNNING);\n\tspin_unlock(&tasklist_lock);": "child->state, TASK_RUNNING);"},
        "fork-in-the-middle",
    ),
    "a child is new": Mutation("sched.c", {"fork_inherits ? READ_ONCE(parent->kgr) : 0": "0"}, "fork-in-the-middle"),
    "the goal is read with interrupts on": Mutation(
        "universe.c", {"\tu64 flags = irq_save();\n\n": "", "\tirq_restore(flags);\n": ""}, "reversed"
    ),
    "the goal is not settled": Mutation("universe.c", {"\tif (kgr_settles_goal)\n\t\tsync_cores();": ""}, "reversed"),
    "the stacks are not looked at": Mutation(
        "stopped.c", {"\tif (!kgr_check_stacks)\n\t\treturn 0;": "\treturn 0;"}, "asleep-until-woken-stop-machine"
    ),
    "the CPUs go on before the callback": Mutation(
        "stopped.c",
        {"\t\tkgr_write(version);\n": "\t\tkgr_write(version);\n\t\tWRITE_ONCE(kgr_stop, 0);\n"},
        "data-converted-stop-machine",
    ),
    "a callback comes before the transition": Mutation(
        "kgraft.c", {"\t\tkgr_patch(patch);\n\t\tkgr_end(patch);": "\t\tkgr_end(patch);\n\t\tkgr_patch(patch);"},
        "data-in-two-steps-kgraft",
    ),
    "a check of stacks outlives its transition": Mutation(
        "livepatch.c", {"\tu64 flags = irq_save();\n": "", "\tirq_restore(flags);\n": ""},
        "asleep-in-new-function-hybrid",
    ),
    "a refusal is not heeded": Mutation("callbacks.c", {"return refuse();": "refuse();"}, "refused-by-its-callback"),
    "a shadow variable is found before its constructor has run": Mutation(
        "shadow.c",
        {"\tstruct shadow *slot = find(0);\n":
         "\tstruct shadow *slot = find(0);\n\n\tif (slot)\n\t\tslot->key = shadow_key(object, id);\n\tbarrier();\n"},
        "shadow-variables",
    ),
    "nobody looks for a shadow variable again under the lock": Mutation(
        "shadow.c", {"\tu64 *data = shadow_get(object, id);\n\n\tif (!data)": "\tu64 *data = NULL;\n\n\tif (!data)"},
        "shadow-variables",
    ),
}  # fmt: skip


@needs_compiler
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_of_the_guest_s_code_is_noticed(name: str, tmp_path: Path) -> None:
    mutation = MUTATIONS[name]
    kernel = changed_kernel(tmp_path, mutation.file, mutation.changes)
    scenario = replace(shipped(mutation.scenario), kernel=kernel)
    assert verdict(scenario, mutation.fetch).outcome is Outcome.VIOLATION


STUBS = {
    "the flag of the task is not tested": ("jz new", "jmp new", "contract-kgraft"),
    "the flag is tested the wrong way round": ("jz new", "jnz new", "contract-kgraft"),
    "interrupts are always new": ("jb old\n", "", "timer-kgraft"),
    "interrupts are always old": ("jb old\n", "jmp old\n", "timer-kgraft"),
    "interrupts look at the task": ("jne interrupt", "nop", "timer-kgraft"),
}
"""What is replaced in the slow stub by what, and the scenario that notices."""


def stub_with(old: str, new: str) -> Model:
    assert KGRAFT.stub.count(old) == 1
    return replace(KGRAFT, stub=KGRAFT.stub.replace(old, new))


@pytest.mark.parametrize("name", STUBS)
def test_a_mutation_of_the_slow_stub_is_noticed(name: str) -> None:
    old, new, scenario = STUBS[name]
    found = verdict(replace(shipped(scenario), consistency=stub_with(old, new)))
    assert found.outcome is Outcome.VIOLATION
