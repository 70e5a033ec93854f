"""An NMI handler calls the function that is being patched, wherever the CPU may be at that moment.

Interrupts off do not keep an NMI out, so no sync protects its handler: it meets old text, INT3 or new text
like anybody else, also in the middle of a #BP handler or of a sync IPI. It works because the handlers have
no patch site themselves and the #BP handler uses the stack it is on.

Source: Linux, Documentation/core-api/entry.rst, on noinstr code and on NMIs that hit a breakpoint.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    nmis=1,
    words={"nmi_handler": "nmi_run_site", "nmi_target": "nmi_target_answer"},
    workload="workload_idle",
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
