"""The IRET of a breakpoint inside an NMI handler lets the next NMI in, on the same stack.

An NMI blocks the next until an IRET, any IRET. The NMI handler calls the function under patch, takes the
INT3, and the return from that breakpoint ends the blocking: a second NMI begins at the top of the NMI stack
and overwrites the frame of the first, which then returns into itself, over a stack that is no longer there.
Linux detects nesting by hand in its NMI entry; this guest does not.

Source: Intel SDM 3A 6.7.1; Linux, arch/x86/entry/entry_64.S, the comment on nested NMIs.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    nmis=2,
    words={"nmi_handler": "nmi_run_site", "nmi_target": "nmi_target_answer"},
    workload="workload_idle",
    expect={"*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
