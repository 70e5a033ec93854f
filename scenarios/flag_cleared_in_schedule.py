"""The flag of a task is cleared where it goes to sleep, in the middle of what it does.

Not every place where a task stands still is a safe one: this one has an old function on its stack.

Source: kernel/kgraft.c of SUSE Linux Enterprise 12, on kgr_task_safe().
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="wait",
    consistency="kgraft",
    tasks=(("user_wait", "user_wake"),),
    words={"schedule_hook": "kgr_task_safe"},
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
