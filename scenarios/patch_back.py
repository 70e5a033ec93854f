"""The patch is applied and taken back: NOP to jump to NOP, by the same three steps.

While the jump is removed the breakpoint acts as what comes next, the NOP, and the old function runs again.
Each CPU sees old, new, old; never new again after that.

Source: Linux, Documentation/livepatch/livepatch.rst, "Disabling".
"""

from simulator.scenario import Scenario

scenario = Scenario(edits=("jmp", "nop"), workload="workload_caller_once", expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
