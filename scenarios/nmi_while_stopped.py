"""An NMI runs into functions that are being written while every CPU stands still.

stop_machine() keeps interrupts out, not NMIs. ftrace made NMI handlers write the same bytes themselves; kpatch has a
state for them. (Stacks are not looked at here: it would change nothing.)

Source: Linux, arch/x86/kernel/ftrace.c before v3.5; dynup/kpatch issue 65 and pull request 108.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="stop-machine",
    tasks=(("user_nmi_once",),),
    words={"nmi_handler": "tick", "tick_function": "tick_ticket", "kgr_check_stacks": 0},
    expect={"*": "violation:integrity"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
