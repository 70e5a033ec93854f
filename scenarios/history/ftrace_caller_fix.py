"""The call inside the trampoline is changed as every other site is: breakpoint, tail, first byte.

The handler acts as the new call.

Source: Linux commit 8a4d0a687a59 ("Use breakpoint method to update ftrace caller").
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    patch="tracer",
    functions=("ftrace_caller",),
    edits=("call:trace_one", "call:trace_two"),
    patchers=("patcher_ftrace",),
    workload="workload_traced",
    words={"ftrace_caller_by_int3": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
