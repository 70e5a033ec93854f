"""A kthread never leaves the kernel and has no safe point: the patch is never finished.

It yields and goes on; no flag of it is ever cleared.

Source: kernel/kgraft.c of SUSE Linux Enterprise 12, which marks kthreads by hand (kthread_should_stop(),
kgr_task_safe()).
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="kgraft",
    tasks=(("kthread_ticket",),),
    expect={"*": "violation:progress"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
