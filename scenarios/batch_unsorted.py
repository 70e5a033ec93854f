"""The table of a batch is not sorted, and the handler's binary search misses a breakpoint that is there.

Three functions are queued in descending order of address. Linux flushes the table before an entry that
would break the order; v6.16-rc1 had a path that did not. `text_poke_sorted=0` brings it back. The CPU that
hits the INT3 of `question()` looks for it on the wrong side.

Source: Linux commit 2aebf5ee43bf (v6.16-rc3), with a diagram of three CPUs.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    patch="batch",
    functions=("reason", "answer", "question"),
    patchers=("patcher_main",),
    workload="workload_batch_once",
    words={"text_poke_sorted": 0},
    expect={"*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
