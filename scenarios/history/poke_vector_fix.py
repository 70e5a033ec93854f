"""The patcher clears the count, waits until no handler is left that has seen it, and clears the table.

A handler that finds a count was begun before the sync ended, with interrupts off, and the table is still there. What
the kprobe's breakpoint needs is that order and the sync between.

Source: Linux commit 285a54efe386 ("x86/alternatives: Sync bp_patching update for avoiding NULL pointer exception"),
2019; it fixes c0213b0ac03c.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    cpus=2,
    patchers=("patcher_vector",),
    handler="int3_vector",
    workload="workload_probe_once",
    words={"vec_counts_first": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
