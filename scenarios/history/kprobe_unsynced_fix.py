"""The breakpoint of a kprobe is followed by a sync, and then tasks are waited for.

Whoever comes by after the wait sees the breakpoint.

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
    words={"kprobe_arm_syncs": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
