"""The next transition begins while a task stands in a stub of the last one.

The stub has been entered and has not looked at the flag yet; the flag is set again, for another patch, and the task
goes to a function that was replaced long ago. A sync does not help, interrupts are on in a stub.

Source: Linux, kernel/trace/ftrace.c, which waits for all tasks (synchronize_rcu_tasks) before a trampoline is freed.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft",
    edits=("jmp", "nop"),
    tasks=(("user_reserve",),),
    words={"kgr_quiesces": 0},
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
