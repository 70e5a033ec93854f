"""A task is about to change over when the direction changes, and does so after the patcher has looked.

It has read where tasks are to go, and stores that late. Linux waits until nobody is between the two.

Source: Linux, comments in `klp_reverse_transition()` on klp_synchronize_transition().
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft-reverse",
    tasks=(("user_reserve",),),
    words={"kgr_settles_goal": 0},
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
