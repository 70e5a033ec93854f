"""text_mutex is taken where text is written, inside of cpu_hotplug_lock for everybody.

The same three, with one order of the two locks.

Source: Linux commits 9f255b632bf1, which took text_mutex around too much, and d5b844a2cf50 (2019).
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
