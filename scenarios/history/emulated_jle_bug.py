"""The handler acts as a JLE that is taken if less and equal, where it should be less or equal.

A kprobe on a conditional jump puts a breakpoint in its place, and the handler computes from the saved flags whether to
jump. For JLE and JG it combined SF != OF with ZF in the wrong way.

Source: Linux commit 8924779df820 ("x86/kprobes: Fix JNG/JNLE emulation"), 2022.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    patch=None,
    edits=(),
    handler="int3_jcc",
    workload="workload_compare",
    demands=("int3_jcc",),
    words={"jle_takes_both": 1},
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
