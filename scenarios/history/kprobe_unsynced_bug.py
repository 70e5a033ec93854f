"""A kprobe's breakpoint is written without a sync, and a task that is waited for may still not see it.

A jump over several instructions may be written when no task is between them: a breakpoint on the first keeps tasks
out, and synchronize_rcu_tasks() waits for those inside. But no sync says that the breakpoint is seen. A task that has
been waited for fetches the old first instruction, goes in, and the jump is written under it.

Source: Linux commit 5c02ece81848 ("x86/kprobes: Fix ordering while text-patching"), 2019.
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
    words={"kprobe_arm_syncs": 0},
    expect={"ABCD": "safe", "*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
