"""An NMI handler answers the sync first and then calls the function under patch: too early where fetch may be stale.

The patcher goes on as soon as it has the answer, but the CPU serializes only at the IRET that ends the handler. In
between it may still hold the head of the NOP and read the new tail behind it. Where nothing fetched outlives the
delivery of an interrupt, it is safe, although the NMI may have come when half of the same NOP was read: an instruction
that was not yet executed is fetched again from its start.

Source: Intel SDM 3A, "Serializing Instructions": an interrupt is not one, IRET is.
"""

from simulator.explore.properties import PROPERTIES
from simulator.patching.protocols.text_poke import text_poke
from simulator.patching.steps import Sync
from simulator.scenario import Scenario

scenario = Scenario(
    protocol=text_poke("1", how=Sync.NMI, name="text-poke-nmi-1"),
    words={"nmi_handler": "nmi_ack_and_run", "nmi_target": "nmi_target_answer"},
    workload="workload_caller_once",
    placement=62,
    properties=tuple(name for name in PROPERTIES if name != "freshness"),
    fetch="line64",
    expect={"ABCD": "safe", "*": "violation:integrity"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
