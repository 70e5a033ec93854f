"""The breakpoint is written before its handler knows about it.

The first jump labels in Linux were changed before the #BP handler had been registered. A CPU that meets the
INT3 in between finds nobody who claims it, and an unclaimed breakpoint in the kernel is the end.

Source: Linux commit 17f41571bb2c (2013).
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="arm-late", expect={"*": "violation:traps"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
