"""A patch is replaced by its successor, and the successor is disabled: the original is back, not the first patch.

Source: Linux, tools/testing/selftests/livepatch/test-livepatch.sh, "atomic replace livepatch".
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="hybrid",
    edits=("jmp", "jmp:_units", "nop"),
    tasks=(("user_reserve",),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
