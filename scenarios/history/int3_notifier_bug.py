"""A jump label is switched before the breakpoint handler is on the chain of those who are asked.

do_int3() asked the die notifiers, and the patcher's handler was one of them, registered in an initcall. Jump labels
are switched earlier in the boot. A CPU that meets the INT3 then finds a chain on which nobody claims it.

Source: Linux commit 17f41571bb2c (2013), a fix for fd4363fff3d9 ("x86: Introduce int3 (breakpoint)-based instruction
patching").
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    cpus=2,
    patchers=("patcher_boot",),
    workload="workload_answer_once",
    handler="int3_notify_die",
    expect={"*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
