"""A patch is replaced by its successor, which changes the same contract again.

The stubs of the second lead from the new functions to the newer ones; nobody ever sees the original again.

Source: Linux, test-livepatch.sh, "atomic replace"; commit 3c33f5b99d68 (livepatch: support for repeated patching).
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft",
    edits=("jmp", "jmp:_units"),
    tasks=(("user_reserve",),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
