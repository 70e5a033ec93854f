"""The site crosses a cache line: no single store is one for instruction fetch there.

Six million torn fetches in 2.2e7 on a Zen 3: the two lines are written, and read, one after the other. Only
the textbook machine, which has no lines, is content.

Source: measured in user space on a Zen 3; AMD64 APM 2, 7.6.1; Intel SDM 3A 8.1.1 (no atomicity across
lines).
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="store8-sync", placement=62, expect={"A": "safe", "*": "violation:integrity"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
