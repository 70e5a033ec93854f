"""NMIs as syncs, and a handler that counts itself as its very first act: still a CPU without a handler.

The patcher waits until the count of handlers is zero before it removes the entry. But between the delivery of #BP
and the LOCK INC that is the first instruction of C code there are the stub's instructions, and an NMI can be
acknowledged there. Nobody is counted, nobody is waited for. No refcount taken by the handler can close this gap.

Source: this simulator's design study; Linux syncs by maskable IPI, and says "INT3/IPI-NMI" of something else.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    protocol="text-poke-nmi-refs", workload="workload_caller_once", expect={"*": "violation:traps"}
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
