"""The same callback under kGraft comes too late for one task and would come too early for another.

Before it runs some tasks are new and the objects are old; before the transition it would be the other way round. There
is no moment for it when nobody is stopped.

Source: Linux, Documentation/livepatch/callbacks.rst; LWN 634649, on the "weird intermediate state".
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="bytes_converted",
    consistency="kgraft",
    tasks=(("user_buffer",),),
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
