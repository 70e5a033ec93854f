"""A CPU in user mode is spared the sync, and nothing that can change is executed before it makes up for it.

The same three deferred syncs. The CPU serializes on its way in, and calls the function after that.

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
    words={"entry_calls_patchable": 0},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
