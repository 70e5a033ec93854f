"""A patch is taken back before every task has changed over.

Tasks that are new become old again, each at its next safe point, and those that never changed stay as they are.

Source: Linux, kernel/livepatch/transition.c, `klp_reverse_transition()`.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft-reverse",
    tasks=(("user_reserve",),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
