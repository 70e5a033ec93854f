"""A task sleeps for ever in a function that is to be replaced: the patch is never finished.

Nobody wakes it, so it never comes to a safe point. See `asleep_and_signalled` for what the operator can do.

Source: LWN 596854 and 634649, on tasks that block for ever.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="wait",
    consistency="kgraft",
    tasks=(("user_wait_once",),),
    expect={"*": "violation:progress"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
