"""Who takes the arguments off the stack changes, and a mixed call leaves the stack pointer somewhere else.

The old function ends in RET 16, the new one leaves that to its caller. The caller finds RSP off by 16 bytes.

Source: dynup/kpatch, doc/patch-author-guide.md, on changed function interfaces.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="pops",
    consistency="immediate",
    tasks=(("user_sum",),),
    properties=("integrity", "traps", "progress", "assertions"),
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
