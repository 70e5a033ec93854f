"""HotSpot's jump to itself, with the fifth byte in the next cache line.

The last byte is written while everybody loops, but a CPU that has fetched four bytes of the old instruction
is not yet in the loop: it takes the fifth from the next line. Measured on a Zen 3: 10,895 torn in 2.0e8.

Source: OpenJDK, hotspot/cpu/x86/nativeInst_x86.cpp; that the site lies in one line is for others to
guarantee.
"""

from simulator.explore.properties import PROPERTIES
from simulator.scenario import Scenario

scenario = Scenario(
    protocol="jmp-self",
    placement=60,
    properties=tuple(name for name in PROPERTIES if name != "freshness"),
    expect={"A": "safe", "*": "violation:integrity"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
