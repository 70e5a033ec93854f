"""A CPU comes up in the middle, and its first task begins without a flag.

As in `fork_without_flag`, on a CPU of its own.

Source: Linux, kernel/livepatch/transition.c, which walks the idle tasks of all possible CPUs.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft",
    cpus=2,
    tasks=(("user_nothing",), ("+user_reserve_hotplug",)),
    words={"fork_inherits": 0},
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
