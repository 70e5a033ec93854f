"""The task that sleeps where nothing is patched changes over in its sleep, for its stack shows that it may.

What the stack check adds to kGraft's way.

Source: Linux, kernel/livepatch/transition.c, `klp_check_stack()`.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="hybrid",
    tasks=(("user_pause", "user_ticket"),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
