"""text_mutex is taken where text is written, inside of cpu_hotplug_lock for everybody.

The same three, with one order of the two locks.

Source: Linux commit d5b844a2cf50 ("ftrace/x86: Remove possible deadlock between register_kprobe() and
ftrace_run_update_code()"), 2019; it fixes 9f255b632bf1. It was reported on s390, where ftrace stops the machine.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    cpus=2,
    patchers=("patcher_ftrace_update",),
    workload=("workload_register_kprobe", "workload_cpu_up"),
    words={"ftrace_locks_inside": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
