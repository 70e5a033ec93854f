"""The IRET of a breakpoint inside an NMI handler lets the next NMI in, on the same stack.

An NMI blocks the next until an IRET, any IRET. The NMI handler calls the function under patch, takes the INT3, and
the return from that breakpoint ends the blocking: a second NMI begins at the top of the NMI stack and overwrites the
frame of the first. Linux detects this by hand in its NMI entry; this guest does not.

Source: Intel SDM 3A 6.7.1; Linux commit 3f3c8b8c4b2a ("x86: Add workaround to NMI iret woes", v3.3).
"""

from simulator.scenario import Scenario

scenario = Scenario(
    nmis=2,
    words={"nmi_handler": "nmi_run_site", "nmi_target": "nmi_target_answer"},
    workload="workload_idle",
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
