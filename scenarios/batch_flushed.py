"""The two functions of `batch`, queued in descending order of address: the table is flushed in between.

The entry that would break the order sends the one before it out first: two batches of one, six rounds of
IPIs where three would do. Slower, and right; compare `batch_unsorted`.

Source: Linux, `text_poke_addr_ordered()`, arch/x86/kernel/alternative.c.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    patch="batch",
    functions=("answer", "question"),
    patchers=("patcher_main",),
    workload="workload_batch_once",
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
