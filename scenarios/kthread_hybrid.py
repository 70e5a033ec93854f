"""Linux livepatch needs no mark in a kthread that sleeps now and then: its stack is checked there.

The loop is the one of `kthread_without_safe_point`.

Source: Linux, kernel/livepatch/transition.c, `klp_try_switch_task()`; commit 676e8cf70cb0.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="hybrid",
    tasks=(("kthread_ticket",),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
