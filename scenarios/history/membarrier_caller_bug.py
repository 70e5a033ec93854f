"""membarrier() makes every other CPU serialize, and the thread that may go on here runs stale code.

Thread A has made code, is moved to another CPU, and calls membarrier(SYNC_CORE) there. Every CPU serializes but the
one it is on. On the way out A is replaced by thread B, and B runs the new code on the one CPU where nobody saw to it.

Source: Linux commit e45cdc71d1fa ("membarrier: Execute SYNC_CORE on the calling thread"), 2020.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    patchers=("patcher_jit",),
    workload="workload_membarrier",
    words={"membarrier_syncs_caller": 0},
    expect={"ABCD": "safe", "*": "violation:integrity"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
