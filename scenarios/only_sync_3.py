"""Only the last sync, as in "write it all, then tell everybody": torn wherever a cache line is a limit.

An attractive economy: one round of IPIs instead of three, and afterwards everybody is certainly up to date.
On the way there a CPU can fetch the old head from one line and the new tail from the next. Measured on a
Zen 3: 1,523 torn fetches in 6.2e8, the worst of all eight subsets of the three syncs.

Source: measured on a Zen 3; Intel's specification updates list "Unsynchronized Cross-Modifying Code
Operations Can Cause Unexpected Instruction Execution Results" as an erratum of most parts.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="text-poke-3", placement=62, expect={"*": "violation:integrity", "A": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
