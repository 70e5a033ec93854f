"""Two CPUs make shadow variables of one object: one of them runs the constructor, and both get the same variable.

And what there is to one object: nothing before it is made, a number and an object that have nothing to do with others,
nothing after it is freed, by way of the destructor.

Source: Linux, kernel/livepatch/shadow.c; tools/testing/selftests/livepatch/test-shadow-vars.sh.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="shadow_test",
    edits=(),
    cpus=2,
    workload=("workload_shadow_of_one", "workload_shadow_of_both"),
    demands=("shadow_of_both", "shadow_of_one"),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
