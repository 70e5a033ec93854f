"""A patch that finds a buffer in use refuses itself, and nothing has changed: every later call runs the old function.

In other schedules the buffer is still empty, and the patch is applied. That old functions run after the patcher is done
is the point here, so `freshness` is not asked for.

Source: Linux, test-callbacks.sh, "pre_patch callback returns -ENODEV".
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="refuses",
    consistency="kgraft",
    tasks=(("user_buffer_in_use",),),
    properties=("integrity", "boundaries", "traps", "progress", "assertions", "consistency", "finalized"),
    demands=("refuse",),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
