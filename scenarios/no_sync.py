"""INT3 without a single sync: the site crosses a cache line, and a CPU runs half of each instruction.

The breakpoint is in place before the tail is written, but a CPU that has already read the first two bytes
of the NOP gets the other three from the next line, after they were changed. The textbook machine, which
fetches an instruction at once, is the only one that never does. Measured on a Zen 3: 944 torn fetches in
2.5e8.

That old text is still executed after the patcher is done is another matter and not asked here (see
`no_last_sync`).
Source: Intel SDM 3A, "Handling Self- and Cross-Modifying Code"; AMD APM 2, 7.6.1.
"""

from simulator.explore.properties import PROPERTIES
from simulator.scenario import Scenario

scenario = Scenario(
    protocol="text-poke-none",
    placement=62,
    properties=tuple(name for name in PROPERTIES if name != "freshness"),
    expect={"*": "violation:integrity", "A": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
