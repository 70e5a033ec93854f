"""A patch that marks objects by shadow variables is taken back, and applied again, with the machine stopped.

The callback frees every mark, and the destructor puts the object back as old functions know it. A mark that stayed
would make the second patch take pages for bytes.

Source: Linux, Documentation/livepatch/shadow-vars.rst, on klp_shadow_free_all() and its destructor.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="bytes_tagged",
    consistency="stop-machine",
    edits=("jmp", "nop", "jmp"),
    tasks=(("user_buffer",),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
