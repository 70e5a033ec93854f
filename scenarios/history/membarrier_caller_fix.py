"""membarrier() makes the calling CPU serialize as well, whoever runs there next.

One sync_core() more, on the CPU that sends the IPIs.

Source: Linux commit e45cdc71d1fa ("membarrier: Execute SYNC_CORE on the calling thread"), 2020.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    patchers=("patcher_jit",),
    workload="workload_membarrier",
    words={"membarrier_syncs_caller": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
