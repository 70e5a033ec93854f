"""A queue is flushed before an instruction is appended that would break its order.

The same three instructions, queued in the same order: the table is written out and emptied first, every time.

Source: Linux commit 2aebf5ee43bf ("x86/alternatives: Fix int3 handling failure from broken text_poke array") in
v6.16-rc3, with a diagram; it fixes c8976ade0c1b.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    patch="batch",
    functions=("reason", "answer", "question"),
    patchers=("patcher_main",),
    workload="workload_batch_once",
    words={"text_poke_sorted": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
