"""The same change under Linux livepatch: at the kernel's exit, or where a stack shows that nothing old is on it.

Tasks that do not run are looked at where they stand; the others change over on their way out. The stubs stay.

Source: Linux, kernel/livepatch/transition.c; Documentation/livepatch/livepatch.rst.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="hybrid",
    tasks=(("user_reserve", "user_reserve"), ("user_reserve",)),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
