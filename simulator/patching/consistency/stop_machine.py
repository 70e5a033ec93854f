"""``stop_machine``: everybody stands still, and nobody is in a function that changes.

kpatch and Ksplice: the stacks of all tasks are searched while the CPUs are stopped; if a function to be replaced
is on one, the CPUs go on and the patcher tries again.
"""

from __future__ import annotations

from simulator.patching.consistency.model import Model

STOP_MACHINE = Model(
    "stop-machine",
    promise="all tasks see all new functions from one moment on, in which none of them is in an old one",
    fails="a task that sleeps in a function to be replaced keeps it out; a caller that is not replaced is not seen",
    source="kpatch (S. Jennings, J. Poimboeuf), kmod/core/core.c; Ksplice (J. Arnold, M. F. Kaashoek, EuroSys 2009)",
    patcher="patcher_stop_machine",
    words={"schedule_hook": "kgr_stop_poll"},
)
