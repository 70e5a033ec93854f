"""A kprobe is marked as not optimized any more before its jump is gone, and a breakpoint leads into the operand.

To take the jump back, its first byte becomes an INT3 and then the tail is restored. A CPU that hits the INT3 before
that asks the flag how to go on. It says: the first instruction is done, go on with the second in its place. In its
place is the operand of the jump.

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
    words={"kprobe_flag_last": 0},
    expect={"*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
