"""Tracing is switched on for a function that is live-patched, and for a moment the old function runs.

The site calls a trampoline that goes on with the new function; now it is to call one that traces as well. The
breakpoint handler went on behind the five bytes, which is as good as a NOP for a tracer. Behind them stands the old
function.

Source: Linux v5.2, "ftrace/x86_64: Emulate call function while updating in breakpoint handler", with 2700fefdb2d9 for
the gap on the stack.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    patch="tracer",
    functions=("answer",),
    edits=("call:klp_caller", "call:klp_regs_caller"),
    workload="workload_answer_twice",
    handler="int3_skip_nop",
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
