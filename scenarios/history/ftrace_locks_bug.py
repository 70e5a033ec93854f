"""ftrace takes text_mutex and then cpu_hotplug_lock, a kprobe takes them in the other order, and a CPU comes up.

The kprobe only reads cpu_hotplug_lock, and so does ftrace; two readers do not mind each other. But the CPU that comes
up wants to write, and a reader who comes after it waits behind it. So ftrace waits for the CPU, the CPU for the
kprobe, and the kprobe for text_mutex, which ftrace has.

Source: Linux commit d5b844a2cf50 ("ftrace/x86: Remove possible deadlock between register_kprobe() and
ftrace_run_update_code()"), 2019; it fixes 9f255b632bf1. It was reported on s390, where ftrace stops the machine.
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
