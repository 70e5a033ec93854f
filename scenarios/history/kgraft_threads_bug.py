"""kGraft marks the first thread of a process and not the others, which are new before all stubs are there.

The walk went over processes. A thread that is not the first has no flag, the stubs take it for one that has changed
over, and it does so one function at a time: as each stub is installed.

Source: kernel/kgraft.c as announced in 2014 (for_each_process) and as in SUSE Linux Enterprise 12 (every thread).
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    patch="ticket",
    cpus=2,
    patchers=("patcher_kgr",),
    handler="int3_batch",
    workload="workload_thread",
    words={"kgr_walks_threads": 0},
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
