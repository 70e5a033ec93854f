"""A function that takes a lock with interrupts on is replaced by one that turns them off.

The timer interrupts wherever it can, also between the halves of the transition. The timer handler does not
take the lock here, so the bug is only waiting to happen; afterwards it cannot.

Source: Linux, Documentation/locking/spinlocks.rst, on `spin_lock_irqsave()`.
"""

from simulator.scenario import Scenario

scenario = Scenario(kernel="locks", patch="irqsave", workload="workload_timer_once", expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
