"""The breakpoint handler skips the site, the patched function runs unpatched, and the hole is open again.

The fix is in. Then the jump is written once more, as a tracer or the next patch does, and for the time of
three syncs there is an INT3. ftrace's handler of 2012 went on behind the five bytes, as if they were a NOP:
a trace lost at worst, before live patching. Now the old function is what stands there.
`workload_attacker_twice` fails once, succeeds then.

Source: Linux v5.2, "ftrace/x86_64: Emulate call function while updating in breakpoint handler" (2019).
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="syscalls",
    patch="bounds",
    workload="workload_attacker_twice",
    edits=("jmp", "jmp"),
    handler="int3_skip_nop",
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
