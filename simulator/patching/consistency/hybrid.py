"""``hybrid``: Linux livepatch. Tasks change over at the kernel's exit, or where their stack shows that they may.

The stub is ``klp_ftrace_handler`` (kernel/livepatch/patch.c): outside a transition it takes the new function, else
what the task's state says. It runs with interrupts off here, with preemption off there, so that a patcher can wait
until none is left that has seen the old state (``klp_synchronize_transition``).
"""

from __future__ import annotations

from simulator.patching.consistency.model import Model

STUB = """
    pushfq
    cli
    cmp dword ptr [klp_patch], patch
    jne new
    mov r11, qword ptr gs:[current_task]
    test dword ptr [r11], 1
    jz new
    popfq
old:
    jmp from_body
new:
    popfq
    jmp to_body
"""

HYBRID = Model(
    "hybrid",
    promise="a task is old or new as long as a function to be replaced is on its stack, or until it leaves the kernel",
    fails="a caller that is not replaced is not seen on the stack; a task that sleeps in an old function holds it up",
    source='Linux, kernel/livepatch/transition.c; Documentation/livepatch/livepatch.rst, "Consistency model"',
    patcher="patcher_livepatch",
    stub=STUB,
    words={"schedule_hook": "klp_check_tasks", "kgr_clear_at_entry": 0},
    symbols=("current_task", "klp_patch"),
)
