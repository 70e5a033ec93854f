"""The same change with the machine stopped, once no stack has either function on it.

Every CPU stands still and looks at the stacks of its tasks; if one objects, all go on and the patcher tries again.

Source: kpatch, kmod/core/core.c; Ksplice (EuroSys 2009).
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="stop-machine",
    tasks=(("user_reserve", "user_reserve"), ("user_reserve",)),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
