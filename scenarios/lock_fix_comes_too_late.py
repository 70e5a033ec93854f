"""The fix for a deadlock cannot be applied to a CPU that is in it.

`counter_add()` takes a lock, the timer interrupt on the same CPU wants it too and spins with interrupts
off. text_poke waits for that CPU to answer an IPI, and it never will: the patch that would have prevented
the deadlock is stuck behind it. The checker calls it progress: from there, done cannot be reached.

Source: Linux, Documentation/locking/spinlocks.rst, on locks taken in interrupts.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="locks",
    patch="irqsave",
    workload="workload_timer_once",
    words={"timer_handler": "locks_timer"},
    expect={"*": "violation:progress"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
