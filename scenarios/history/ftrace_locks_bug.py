"""ftrace takes text_mutex and then cpu_hotplug_lock, a kprobe takes them in the other order, and a CPU comes up.

The kprobe only reads cpu_hotplug_lock, and so does ftrace; two readers do not mind each other. But the CPU that comes
up wants to write, and a reader who comes after it waits behind it. So ftrace waits for the CPU, the CPU for the
kprobe, and the kprobe for text_mutex, which ftrace has.

Source: Linux commits 9f255b632bf1, which took text_mutex around too much, and d5b844a2cf50 (2019).
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    cpus=2,
    patchers=("patcher_ftrace_update",),
    workload=("workload_register_kprobe", "workload_cpu_up"),
    words={"ftrace_locks_inside": 0},
    expect={"*": "violation:progress"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
