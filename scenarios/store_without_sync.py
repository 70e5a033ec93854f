"""One aligned store and no sync at all: whole instructions, but which one, and until when?

The patcher returns while its store is still in the store buffer, and the old function runs after the fix is
said to be in. That is the textbook machine already; where bytes are on their own (D) the instruction
tears first.

Source: AMD64 APM 2, 7.6.1: asynchronous modification promises no point in time.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="store8", placement=0, expect={"*": "violation:freshness", "D": "violation:integrity"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
