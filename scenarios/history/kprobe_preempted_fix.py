"""Before the jump is written, the kprobe optimizer waits until every task has been elsewhere.

The breakpoint leads into a copy of the instructions from then on, so nobody goes in again.

Source: Linux, Documentation/trace/kprobes.rst, "Jump Optimization" and its footnote on synchronize_rcu_tasks().
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    five_nops=True,
    unchecked=True,
    edits=("jmp:optprobe_detour",),
    handler="int3_kprobe",
    properties=("traps", "assertions"),
    patchers=("patcher_optimize",),
    workload="workload_probed",
    words={"kprobe_waits_for_tasks": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
