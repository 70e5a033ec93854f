"""The handler acts as the call that is being written, and the patched function stays patched.

It pushes a return address on the stack that was interrupted, for which the entry code leaves a gap.

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
    handler="int3_emulate_call",
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
