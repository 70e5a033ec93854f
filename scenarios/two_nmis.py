"""Two NMIs arrive while a function is patched: the second waits for the IRET of the first.

All NMIs of a CPU start at the top of one stack. What keeps the second from overwriting the frame of the first is that
the processor blocks it until an IRET, and this handler has no IRET in it but its own (in `nested_nmi` it has).

Source: Intel SDM 3A 6.7.1.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    nmis=2, words={"nmi_handler": "workload_idle"}, workload="workload_caller_once", expect={"*": "safe"}
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
