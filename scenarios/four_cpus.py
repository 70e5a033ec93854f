"""Four CPUs read their slots while the vulnerable function is replaced under all of them.

Stop, one store, go on: with stop_machine each CPU does little while it waits, and all schedules of four are
tried in a second. text_poke is safe with four callers too (cpus=4 in `two_cpus`), and takes up to 2,600,000
states where every byte may be stale.

Source: Linux, kernel/stop_machine.c.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="syscalls",
    patch="bounds",
    workload="workload_user_stoppable",
    cpus=4,
    protocol="stop-machine",
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
