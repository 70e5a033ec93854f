"""kGraft marks every thread, and waits for every thread.

Each is old until it enters or leaves the kernel, whichever stubs are there by then.

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
    words={"kgr_walks_threads": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
