"""A task forks during the transition: the child is what its parent is, and nobody marks one of them alone.

Birth and marking hold the same lock.

Source: Linux, kernel/fork.c, `klp_copy_process()` under tasklist_lock; commit 747f7a290117.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft",
    tasks=(("user_fork_once", "+user_reserve_once"),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
