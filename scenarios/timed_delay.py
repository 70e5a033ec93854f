"""Instead of syncs the patcher waits a while: then the other CPU waited longer.

No IPIs, no serializing instructions, just a loop of fixed length between the stores: cheap, works in every
test, and is no argument. A CPU that was interrupted in the middle of a fetch tears as if there had been no
delay (compare `no_sync`).

Source: Chamith et al., "Living on the Edge: Rapid-Toggling Probes with Cross-Modification on x86", PLDI
2016 (WORDPATCH, a wait of 2,000 loop iterations by default).
"""

from simulator.explore.properties import PROPERTIES
from simulator.scenario import Scenario

scenario = Scenario(
    protocol="text-poke-delay",
    placement=62,
    properties=tuple(name for name in PROPERTIES if name != "freshness"),
    expect={"*": "violation:integrity", "A": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
