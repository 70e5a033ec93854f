"""The site crosses a page: for one store it is a line like any other, for the patcher it is two mappings.

The outcome is that of a cache line: two fetches, and the store in between. A patcher that writes through a
mapping of its own has to map both pages for it.

Source: Linux, arch/x86/kernel/alternative.c, `__text_poke()`, cross_page_boundary.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="store8-sync", placement=4094, expect={"A": "safe", "*": "violation:integrity"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
