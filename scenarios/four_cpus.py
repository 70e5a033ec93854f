"""Four CPUs read their slots while the vulnerable function is replaced under all of them.

Stop, one store, go on: with stop_machine the states of four CPUs can be counted in a second, because each
of them does little while it waits. text_poke on four CPUs has far more; `two_cpus` is its scenario.

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
