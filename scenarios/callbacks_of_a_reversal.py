"""A transition is reversed half-way: post-unpatch cleans up, and what belongs to a finished patch never runs.

There is no post-patch, for the patch was never finished, and so no pre-unpatch.

Source: Linux, test-callbacks.sh, "busy target module"; kernel/livepatch/transition.c.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="callbacks",
    consistency="kgraft-reverse",
    tasks=(("user_reserve",),),
    words={"callback_order": 0x14},
    demands=("first_post_unpatch",),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
