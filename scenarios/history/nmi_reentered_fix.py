"""An NMI that comes while one is handled is noted, and handled when the first is done.

Three states, not running, executing and latched. The second NMI returns at once; the first finds its note where it
would have ended, and begins again.

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
    words={"nmi_handler": "nmi_do", "nmi_latches": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
