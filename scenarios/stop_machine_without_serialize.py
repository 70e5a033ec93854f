"""The CPUs stand still and then just go on: what they had fetched before they stopped is still with them.

A loop that reads a flag does not empty a queue of fetched instructions, and the LOCKed increment that says
"I have stopped" does not either. Models that fetch when they execute are content. Where fetch runs ahead,
the first half of the site was read before the stop and the second half comes from the next line after it.

Source: AMD64 APM 2, 7.6.1, synchronous modification: "a locked operation is not sufficient".
"""

from simulator.scenario import Scenario

scenario = Scenario(
    protocol="stop-machine-noserialize",
    workload="workload_stoppable",
    placement=62,
    expect={"ABCD": "safe", "ZQEFGX": "violation:integrity"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
