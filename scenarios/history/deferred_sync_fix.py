"""For a site that is executed before the note is read, the IPI is sent to CPUs in user mode too.

The patcher knows which text the entry runs through, and does not defer for it.

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
    words={"entry_text_is_known": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
