"""A child that does not inherit the flag is new from birth, when not all stubs are there yet.

Its first call goes through a stub, its second finds a function without one.

Source: Linux commit 747f7a290117 (livepatch: Fix race between fork and KLP transition).
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft",
    tasks=(("user_fork_once", "+user_reserve_once"),),
    words={"fork_inherits": 0},
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
