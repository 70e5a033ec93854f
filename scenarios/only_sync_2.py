"""Only the sync after the tail: the CPU that tears does so before anyone is asked.

The IPI comes once the tail is written. A CPU that fetched the first two bytes of the NOP before the INT3
was there fetches the rest from the next cache line after the tail came: half old, half new. The textbook
machine does not tear, but runs the INT3 after the patcher is done, because the last sync is missing as
well.

Source: measured on a Zen 3 in user space: 3 torn fetches in 1.8e6; AMD APM 2, 7.6.1.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    protocol="text-poke-2", placement=62, expect={"*": "violation:integrity", "A": "violation:freshness"}
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
