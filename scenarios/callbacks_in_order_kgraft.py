"""The same callbacks around kGraft's transitions, after its stubs are out again.

kGraft had none of its own; the moments are those of Linux livepatch.

Source: Linux, Documentation/livepatch/callbacks.rst.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="callbacks",
    consistency="kgraft",
    edits=("jmp", "nop"),
    tasks=(("user_reserve",),),
    words={"callback_order": 0x1234},
    demands=("first_post_unpatch",),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
