"""The #BP gate has a stack of its own, and an NMI in the breakpoint handler takes a breakpoint too.

An IST gate starts at the top of its stack every time, also when that stack is in use. A CPU is in the #BP
handler, an NMI comes, its handler calls the function under patch and hits the INT3: the frame of the first
#BP is gone, and what the first handler finds in its place is no breakpoint of anybody's.

Source: Linux commit d8ba61ba58c8 ("x86/entry/64: Don't use IST entry for #BP stack").
"""

from simulator.scenario import Scenario

scenario = Scenario(
    nmis=1,
    ist_bp=3,
    words={"nmi_handler": "nmi_run_site", "nmi_target": "nmi_target_answer"},
    workload="workload_caller_once",
    expect={"*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
