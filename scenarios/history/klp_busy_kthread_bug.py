"""A kthread that is never idle offers its CPU to others now and then, and livepatch does not look there.

It neither leaves the kernel nor sleeps, and the stack of a task that runs cannot be checked. The transition waits for
it for ever.

Source: Linux commit e3ff7c609f39 ("livepatch,sched: Add livepatch task switching to cond_resched()"), 2023; since
676e8cf70cb0 in another place.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="hybrid",
    tasks=(("kthread_ticket",),),
    words={"schedule_hook": "workload_idle"},
    expect={"*": "violation:progress"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
