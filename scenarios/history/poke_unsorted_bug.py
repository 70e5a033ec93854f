"""An instruction is appended to a queue whose order it breaks, and the handler's binary search misses it.

The handler finds an instruction by bisection. A single poke was put behind what others had queued, without a look at
the order, and went in with it. The CPU that hits the breakpoint with the lowest address looks on the wrong side. (A
queue that was full overflowed by the same path.)

Source: Linux commit 2aebf5ee43bf ("x86/alternatives: Fix int3 handling failure from broken text_poke array") in
v6.16-rc3, with a diagram; it fixes c8976ade0c1b.
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
