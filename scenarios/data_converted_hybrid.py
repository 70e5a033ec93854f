"""The same callback under Linux livepatch, where the universes meet in the data as well.

A task that has left the kernel is new, and the objects are converted when the last task has.

Source: Linux, kernel/livepatch/transition.c, `klp_complete_transition()`: the post-patch callback is the last thing it
does.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="bytes_converted",
    consistency="hybrid",
    tasks=(("user_buffer",),),
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
