"""NMIs as syncs, and a handler that counts itself as its very first act: still a CPU without a handler.

The patcher waits until the count of handlers is zero before it removes the entry. But between the delivery
of #BP and the LOCK INC there is always an instruction boundary, and an NMI can be acknowledged there.
Nobody is counted, nobody is waited for. No count that the handler takes can close this gap.

Source: Intel SDM 3A 6.7.1; Linux syncs by maskable IPI (`on_each_cpu(do_sync_core)`) and so never meets
this.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="text-poke-nmi-refs", workload="workload_caller_once", expect={"*": "violation:traps"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
