"""XCHG instead of MOV across a cache line: atomic for every load, and still torn for instruction fetch.

A LOCKed store becomes visible at once even where it crosses a line, and no load on any CPU ever saw half of
it (0 in 6.9e8). Instruction fetch reads one line, then the other, and has 50,364 torn instructions in 1.5e8
to show for it.

Source: Intel SDM 3A 8.1.3, locked instructions "should not be used to insure that data written can be
fetched as instructions"; measured on a Zen 3.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="locked-store8-sync", placement=62, expect={"A": "safe", "*": "violation:integrity"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
