"""The stubs are installed before the tasks are marked: for a moment some functions are new and others old.

A task without a mark goes through a stub to the new function, and finds the other function without a stub yet.

Source: kernel/kgraft.c of SUSE Linux Enterprise 12: "the per-process
flag and stub instantiation has to be performed 'atomically'".
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft",
    tasks=(("user_reserve",),),
    words={"kgr_marks_first": 0},
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
