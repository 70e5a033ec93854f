"""The same CPU, reached by NMIs: now the patch goes in.

The price is in `disarm_after_nmi`: an NMI proves that a CPU has forgotten old text, not that it has left
the handler.

Source: Intel SDM 3A 6.7.
"""

from simulator.scenario import Scenario

scenario = Scenario(workload="workload_irqs_off", protocol="text-poke-nmi", expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
