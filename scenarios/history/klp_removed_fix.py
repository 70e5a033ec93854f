"""Between the list and the state, everybody who may have seen the old list is waited for.

klp_synchronize_transition(), which waits also where RCU is not watching.

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
    words={"klp_synchronizes": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
