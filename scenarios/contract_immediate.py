"""A function and its caller count in other units from now on, and calls see each as soon as it is there.

`sys_reserve()` counts in pages and so does `reserve()`; the patch makes both count in bytes. Each call runs a whole
function, old or new, and a task that is in the old caller meets the new callee: off by a factor of 4096.
This workload runs under all four models: see `contract_kgraft`, `contract_hybrid`, `contract_stop_machine`.

Source: kGraft's `immediate` flag; Linux, Documentation/livepatch/livepatch.rst, "Consistency model".
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="immediate",
    tasks=(("user_reserve", "user_reserve"), ("user_reserve",)),
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
