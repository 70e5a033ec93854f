"""A kthread that never lets go of its CPU keeps Linux livepatch from finishing too.

It neither sleeps nor leaves the kernel; nobody can look at a stack that is in use.

Source: Linux commit e3ff7c609f39 (livepatch: Allow for kernel threads that are CPU-bound); dynup/kpatch issue 982.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="hybrid",
    tasks=(("kthread_busy",),),
    expect={"*": "violation:progress"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
