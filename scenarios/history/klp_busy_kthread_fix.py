"""Where a busy kthread offers its CPU, livepatch checks its stack, and it changes over.

The check runs on the kthread's own CPU, where its stack holds still.

Source: Linux commit e3ff7c609f39 ("livepatch,sched: Add livepatch task switching to cond_resched()"), 2023; since
676e8cf70cb0 in another place.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="hybrid",
    tasks=(("kthread_ticket",),),
    words={"schedule_hook": "klp_check_tasks"},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
