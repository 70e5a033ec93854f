"""The mark is removed when the old instructions are back.

Until then a CPU that hits the breakpoint goes on in the copy.

Source: Linux commit f66c0447cca1 ("kprobes: Set unoptimized flag after unoptimizing code"), 2019.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    five_nops=True,
    unchecked=True,
    edits=("jmp:optprobe_detour",),
    handler="int3_kprobe",
    properties=("traps", "assertions"),
    patchers=("patcher_unoptimize",),
    workload="workload_unoptimized",
    words={"kprobe_flag_last": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
