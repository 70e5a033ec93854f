"""A jump is written over several instructions while a task is interrupted between two of them.

The task was there before the breakpoint. It is interrupted behind the first instruction, the others are overwritten,
and it comes back into the operand of the jump. Every CPU has been synced.

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
    words={"kprobe_waits_for_tasks": 0},
    expect={"*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
