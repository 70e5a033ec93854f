"""A patch is applied and taken back: two transitions of every task, and the sites are NOPs again.

The way back is a patch like any other, from the new functions to the old. In between, every task has come by a safe
point, so that nobody stands in a stub of the first.

Source: Linux, tools/testing/selftests/livepatch/test-livepatch.sh, "basic function patching".
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft",
    edits=("jmp", "nop"),
    tasks=(("user_reserve",),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
