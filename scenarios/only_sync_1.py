"""Only the sync after the INT3: nothing tears, unless a CPU may go on using what it fetched long ago.

With the first sync nobody is left who has read the head of the old NOP, so on machines that fetch when they
execute the tail may change and the head may follow at any time. Where every granule may be stale on its own
(E, F, G) a CPU still has the old tail when it reads the new head: that is the second sync's job. Zen 3: 0
torn fetches in 1.3e6.

That CPUs still execute INT3 after the patcher is done is not asked here (see `no_last_sync`).
Source: AMD64 APM 2, 7.6.1, on what a single store inside a quadword may do; measured on a Zen 3.
"""

from simulator.explore.properties import PROPERTIES
from simulator.scenario import Scenario

scenario = Scenario(
    protocol="text-poke-1",
    placement=62,
    properties=tuple(name for name in PROPERTIES if name != "freshness"),
    expect={"ABZCQD": "safe", "EFGX": "violation:integrity"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
