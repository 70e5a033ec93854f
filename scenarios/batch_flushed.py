"""The same three functions, queued in the same descending order, with the check that flushes the table.

Each entry that would break the order sends the ones before it out first: here three batches of one, nine rounds of
IPIs. Slow, and right.

Source: Linux, `text_poke_addr_ordered()`, arch/x86/kernel/alternative.c.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    patch="batch",
    functions=("answer", "question"),
    patchers=("patcher_main",),
    workload="workload_caller_once",
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
