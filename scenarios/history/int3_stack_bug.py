"""The #BP gate has a stack of its own, and a breakpoint inside its handler starts at the top of it again.

An IST gate switches to the same address every time, also when that stack is in use. A CPU is in the handler, an NMI
comes, the NMI handler hits the INT3 too: the frame of the first #BP is overwritten.

Source: Linux commit d8ba61ba58c8 ("x86/entry/64: Don't use IST entry for #BP stack"), CVE-2018-8897.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    nmis=1,
    words={"nmi_handler": "nmi_run_site", "nmi_target": "nmi_target_answer"},
    workload="workload_caller_once",
    ist_bp=3,
    expect={"*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
