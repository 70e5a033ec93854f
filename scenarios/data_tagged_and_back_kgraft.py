"""What shadow variables mark is put back when the patch has been taken back: too late for kGraft.

A task that has changed over already meets an object in bytes with the old functions, before the last task is back and
the callback has converted what has a mark.

Source: Linux, Documentation/livepatch/shadow-vars.rst, on klp_shadow_free_all() and its destructor.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="bytes_tagged",
    consistency="kgraft",
    edits=("jmp", "nop"),
    tasks=(("user_buffer",),),
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
