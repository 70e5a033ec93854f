"""The call inside ftrace's trampoline is overwritten byte by byte, while all CPUs run through it.

When ftrace gave up stop_machine() for breakpoints, the call sites were changed with them; the one call in the
trampoline, which says who traces, was still written as if the machine stood still. A CPU calls an address that is half
of one tracer's and half of the other's.

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
    words={"ftrace_caller_by_int3": 0},
    expect={"*": "violation:integrity"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
