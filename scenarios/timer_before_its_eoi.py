"""A timer handler turns interrupts on, and the next timer interrupt still waits for its EOI.

The handler arms the timer again and enables interrupts before it has told the local APIC that it is done. A vector
in service holds back all of its priority class and below, so the handler cannot enter itself. Nothing is patched here:
this is a rule of the machine that every handler may rely on.

Source: Intel SDM volume 3A, 10.8.3 (interrupt, task, and processor priority) and 10.8.5 (signaling interrupt
servicing completion).
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="locks",
    patch=None,
    edits=(),
    workload="workload_timer_once",
    words={"timer_handler": "locks_timer_open"},
    demands=("locks_timer_open",),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
