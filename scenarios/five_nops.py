"""The compiler left five one-byte NOPs, and a CPU is preempted between two of them.

`gcc -fpatchable-function-entry=5` does this. The static check refuses such a site, and is told to look away
here. An interrupt saves an address inside the five bytes, and once the jump is written the CPU comes back
into the middle of it. No sync helps: the CPU is not fetching, it is somewhere else. clang, and gcc with
-mfentry, make one NOP. What is asked here is only how it ends; that a CPU may stand inside the site at all
is a violation of its own, and needs no patcher.

Source: Linux, arch/x86/kernel/ftrace.c of 2009: "we can not use a multi part nop since we would then risk
being preempted in the middle of that nop".
"""

from simulator.scenario import Scenario

scenario = Scenario(
    workload="workload_caller_once",
    five_nops=True,
    unchecked=True,
    properties=("traps", "assertions"),
    expect={"*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
