"""The stub jumps to the new function first and would look at the flag afterwards.

The test is there, behind the jump. A task in the old caller gets the new callee, as under `immediate`.

Source: kernel/kgraft.c of SUSE Linux Enterprise 12, `kgr_stub_slow()`, with two lines exchanged.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft-late-test",
    tasks=(("user_reserve",),),
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
