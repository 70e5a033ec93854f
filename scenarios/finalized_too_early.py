"""The sites lead past the stubs while tasks are still in the old universe.

The second poke does not wait until no task has the flag.

Source: kernel/kgraft.c of SUSE Linux Enterprise 12, `kgr_finalize()`.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft",
    tasks=(("user_reserve",),),
    words={"kgr_waits": 0},
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
