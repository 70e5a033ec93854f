"""The same change under kGraft: a task changes over when it enters or leaves the kernel, for both functions at once.

Stubs look at a flag of the task; when no task has it any more, the stubs are taken out by a second poke, from jump to
jump. Nobody is stopped. With `--cpus 2` three tasks share two CPUs.

Source: kernel/kgraft.c of SUSE Linux Enterprise 12 (J. Slaby, J. Kosina, V. Pavlik, 2014).
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft",
    tasks=(("user_reserve", "user_reserve"), ("user_reserve",)),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
