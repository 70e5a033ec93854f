"""A CPU in user mode is spared the sync until it enters the kernel, and the site is on its way there.

The proposal: leave a note for CPUs in user mode, and let them serialize when they come in, so that a CPU which is
isolated is not disturbed. What is executed before the note is read must not change, then. Here a site in that entry
code is patched with all three syncs deferred, and the CPU runs it torn.

Source: the series on deferred text_poke IPIs for NOHZ_FULL (linux-kernel, v5 part 25, April 2025, and v8 part 9, March
2026), and the review that found the hole for module text.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    placement=62,
    patchers=("patcher_defer",),
    handler="int3_batch",
    workload="workload_enters_kernel",
    words={"entry_calls_patchable": 1},
    expect={"A": "safe", "*": "violation:integrity"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
