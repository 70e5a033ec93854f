"""The same change of calling convention under kGraft: every stack stays intact.

Caller and callee change together for each task.

Source: kernel/kgraft.c of SUSE Linux Enterprise 12.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="pops",
    consistency="kgraft",
    tasks=(("user_sum",),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
