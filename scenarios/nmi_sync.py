"""All three syncs are NMIs and the handler stays where it is: safe.

What is wrong with NMIs as syncs is not that they fail to make CPUs forget text: the IRET at their end does.
As long as nothing is taken away from the handler, it may be as late as it likes.

Source: Intel SDM 3A, "Serializing Instructions": IRET.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="text-poke-nmi", workload="workload_caller_once", expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
