"""An NMI calls two functions that change together, at any moment of a kGraft transition.

Its calls run into breakpoints and stubs. It runs what was in force when it began, and the syncs wait for it.

Source: kGraft's announcement (2014): INT3/IPI-NMI; Linux, Documentation/core-api/entry.rst.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="kgraft",
    tasks=(("idle_nmi",),),
    words={"nmi_handler": "tick", "tick_function": "tick_ticket"},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
