"""A NOP becomes a call to a tracer, and the breakpoint handler has to push the return address.

A CALL cannot be emulated by changing the saved RIP alone: eight bytes go on the interrupted stack, where
the exception frame lies. The entry stub makes room first.

Source: Linux commit 2700fefdb2d9 ("x86_64: Add gap to int3 to allow for call emulation", v5.2).
"""

from simulator.scenario import Scenario

scenario = Scenario(
    patch=None,
    functions=("answer",),
    edits=("call:reason",),
    handler="int3_emulate_call",
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
