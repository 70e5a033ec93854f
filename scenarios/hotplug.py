"""A CPU comes up in the middle of the transition, and its first task inherits the flag of the one that brings it up.

Before that it answers IPIs and runs nothing that is patched.

Source: Linux, kernel/cpu.c and `idle_init()` in kernel/smpboot.c: idle tasks are forked.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft",
    cpus=2,
    tasks=(("user_nothing",), ("+user_reserve_hotplug",)),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
