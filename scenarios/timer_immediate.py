"""A timer interrupt calls two functions that change together, and comes between the two changes.

An interrupt handler is nobody's task; `immediate` does not care about either.

Source: Linux, Documentation/livepatch/livepatch.rst, "Consistency model".
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="immediate",
    tasks=(("idle_timer",),),
    words={"tick_function": "tick_ticket"},
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
