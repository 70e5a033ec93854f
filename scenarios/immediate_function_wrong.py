"""A function is said to fit the old ones and does not: an old task gives it what it cannot take.

What a patch says is believed, so it is no mixing of universes; what the kernel promises its users is broken all the
same.

Source: Linux, "livepatch: Remove immediate feature" (in v4.17).
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="immediate_wrong",
    consistency="kgraft",
    tasks=(("user_ticket",),),
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
