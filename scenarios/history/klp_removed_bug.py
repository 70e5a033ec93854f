"""A patch is taken back, and a handler that read the list before reads the state after.

All tasks are old again. The new function comes off the list, and then the transition is over. A handler that found the
function on the list and then finds no transition takes it for the one in force, and goes to a function that is about
to be unloaded.

Source: Linux, kernel/livepatch/transition.c, the comments in klp_complete_transition().
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    patch=None,
    edits=(),
    cpus=2,
    patchers=("patcher_unpatch",),
    workload="workload_klp_handler",
    words={"klp_synchronizes": 0},
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
