"""The breakpoint handler is called directly, and there is no moment when it cannot be asked.

The same boot, in the same order; do_int3() calls the patcher's handler itself, as it did ftrace's, and the chain does
not matter any more.

Source: Linux commit 17f41571bb2c (2013), a fix for fd4363fff3d9 ("x86: Introduce int3 (breakpoint)-based instruction
patching").
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    cpus=2,
    patchers=("patcher_boot",),
    workload="workload_answer_once",
    handler="int3_text_poke",
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
