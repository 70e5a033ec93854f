"""``kgraft``: each task changes over by itself, the next time it enters or leaves the kernel.

After kernel/kgraft.c of SUSE Linux Enterprise 12. The stub is ``kgr_stub_slow``: in an interrupt it counts what the
handler began with, else the flag of the task.
"""

from __future__ import annotations

from dataclasses import replace

from simulator.patching.consistency.model import Model

SLOW_STUB = """
    cmp dword ptr gs:[in_interrupt], 0
    jne interrupt
    mov r11, qword ptr gs:[current_task]
    test dword ptr [r11], 1
    jz new
old:
    jmp from_body
interrupt:
    cmp dword ptr gs:[irq_patch], patch
    jb old
new:
    jmp to_body
"""

_MARKING_STUB = SLOW_STUB.replace(
    """
    test dword ptr [r11], 1
    jz new
""",
    """
    cmp dword ptr [kgr_immutable], 0
    je settled
    mov dword ptr [r11], 3
settled:
    test dword ptr [r11], 1
    jz new
""",
)

_LATE_STUB = SLOW_STUB.replace(
    """
    test dword ptr [r11], 1
    jz new
""",
    """
    jmp to_body
    test dword ptr [r11], 1
    jz new
""",
)

_SYMBOLS = ("current_task", "in_interrupt", "irq_patch")

KGRAFT = Model(
    "kgraft",
    promise="a task runs old functions or new ones from one kernel entry to the next; so does an interrupt handler",
    fails="a task that never comes to a safe point keeps the patch unfinished for ever",
    source="kernel/kgraft.c of SUSE Linux Enterprise 12 (J. Slaby, J. Kosina, V. Pavlik, 2014)",
    patcher="patcher_kgraft",
    stub=SLOW_STUB,
    finalizes=True,
    symbols=_SYMBOLS,
)

REVERSE = replace(
    KGRAFT,
    name="kgraft-reverse",
    promise="the same, for a patch that is taken back before every task has changed over",
    source="Linux, klp_reverse_transition() in kernel/livepatch/transition.c; kGraft had no such thing",
    patcher="patcher_kgraft_reverse",
    gives_up=True,
)

IMMUTABLE = replace(
    KGRAFT,
    name="kgraft-immutable",
    promise="the same, by marks that the stubs make while they are being installed: as it was in 2014",
    fails="a mark may come after the patcher has looked for it",
    patcher="patcher_kgraft_immutable",
    stub=_MARKING_STUB,
    symbols=(*_SYMBOLS, "kgr_immutable"),
)

LATE = replace(
    KGRAFT,
    name="kgraft-late-test",
    promise="nothing: the stub jumps before it looks at the flag",
    fails="every task is new as soon as it meets a stub",
    stub=_LATE_STUB,
)
