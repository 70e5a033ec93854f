"""One of two functions takes tickets of both kinds, so the patch says that it may be used at once.

Its site leads straight to the new function, without a stub and without waiting for anybody; the other one waits for its
tasks as ever.

Source: Linux 4.12 to 4.16, `immediate` in struct klp_func; kGraft's flag of the same name is for a whole patch.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="immediate",
    consistency="kgraft",
    tasks=(("user_ticket",),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
