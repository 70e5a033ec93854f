"""A handler takes a reference to a descriptor that was on the patcher's stack, and is something else by now.

The handler reads the pointer to the descriptor, and is held up. The patcher clears the pointer, sees the count fall to
zero and returns; its stack is used by whoever comes next. The handler finds a count that is not zero, increments it,
and believes that the rest is a table. Syncs do not help: the breakpoint may be a kprobe's.

Source: Linux commit efd608fa7403 ("x86/alternative: Fix race in try_get_desc()"), 2022, with a diagram; it fixes
1f676247f36a.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    cpus=2,
    patchers=("patcher_descriptor",),
    handler="int3_descriptor",
    workload="workload_probe_once",
    words={"desc_static": 0},
    expect={"*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
