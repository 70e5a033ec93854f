"""A new task makes an object of the new kind, and a task that is still old looks at it.

The tag is there, but old functions do not know of it. Each task on its own is consistent; the data is where the two
universes meet. See `data_in_two_steps_kgraft`.

Source: Linux, Documentation/livepatch/system-state.rst.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    cpus=2,
    kernel="tasks",
    patch="bytes_tagged",
    consistency="kgraft",
    tasks=(("user_buffer",), ("user_buffer_reader",)),
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
