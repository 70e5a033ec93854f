"""A patcher clears its table and then the count, and a handler in between finds a count and no table.

poke_int3_handler() returns at once if the count is zero, and else looks into the table. The patcher is done and clears
the pointer first. All its syncs are over: the breakpoint that brings a CPU here is not the patcher's, it is a
kprobe's, and no sync waits for those. The handler reads the count, then the pointer, and dereferences NULL.

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
    words={"vec_counts_first": 0},
    expect={"*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
