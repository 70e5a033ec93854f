"""The handler acts as JLE does: it jumps if SF differs from OF, or if ZF is set.

Equal, less and greater, each through the breakpoint.

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
    words={"jle_takes_both": 0},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
