"""A breakpoint in an NMI handler ends with an IRET, which lets the next NMI into the same handler.

An NMI blocks the next until an IRET, any IRET. Once ftrace put breakpoints where NMI handlers come by, the handler
could be entered a second time while it was at work, which it was never written for.

Source: Linux commit ccd49c239177, for i386, where NMIs have no stack of their own.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    patch=None,
    edits=(),
    nmis=2,
    ist_nmi=0,
    handler="int3_probe",
    workload="workload_idle",
    demands=("int3_probe",),
    words={"nmi_handler": "nmi_do", "nmi_latches": 0},
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
