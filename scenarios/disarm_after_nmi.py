"""The syncs are NMIs, the handler's entry is removed after the last one: a CPU is left without a handler.

An NMI gets through even where interrupts are off, which looks like progress. It also gets through between a
#BP and the first instruction of its handler: the CPU acknowledges, the patcher counts everyone in, removes
the entry, and then the handler looks for it.

Source: Intel SDM 3A 6.7.1 and 6.12.1: IF does not mask NMIs. Compare `disarm_after_ipi`.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="text-poke-nmi-disarm", workload="workload_caller_once", expect={"*": "violation:traps"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
