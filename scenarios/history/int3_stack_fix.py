"""The #BP gate leaves the stack as it is, and breakpoints nest.

The second frame lies below the first.

Source: Linux commit d8ba61ba58c8 ("x86/entry/64: Don't use IST entry for #BP stack"), CVE-2018-8897.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    nmis=1,
    words={"nmi_handler": "nmi_run_site", "nmi_target": "nmi_target_answer"},
    workload="workload_caller_once",
    ist_bp=0,
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
