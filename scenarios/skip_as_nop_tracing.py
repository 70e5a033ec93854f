"""The handler that skips the site does for tracing what it was made for: a call more or less in the log.

A call to a tracer replaces the NOP. While the INT3 is there, calls of the function go untraced, and nothing
else happens. The handler was right in 2012; it is `skip_as_nop` that makes it wrong.

Source: Linux commit 08d636b6d4fb ("ftrace/x86: Have arch x86_64 use breakpoints instead of stop machine",
v3.5).
"""

from simulator.scenario import Scenario

scenario = Scenario(
    patch=None, functions=("answer",), edits=("call:reason",), handler="int3_skip_nop", expect={"*": "safe"}
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
