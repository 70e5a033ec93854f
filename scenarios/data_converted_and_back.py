"""The objects are converted with the patch, and converted back when it is taken out again.

Both callbacks run while all CPUs stand still. What Linux pairs with post-patch is pre-unpatch, at which nobody is
stopped.

Source: Ksplice (EuroSys 2009), whose hooks come in such pairs; Linux, Documentation/livepatch/callbacks.rst.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="bytes_converted",
    consistency="stop-machine",
    edits=("jmp", "nop"),
    tasks=(("user_buffer",),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
