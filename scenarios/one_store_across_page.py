"""The site crosses a page: for one store it is a line like any other, for the patcher it is two mappings.

Four of five functions compiled with ENDBR64 have their site across an aligned quadword; some have it across a page.
The outcome is that of a cache line. With real page tables the two halves can even be mapped at different times,
which is why text_poke maps two pages.

Source: Linux, arch/x86/kernel/alternative.c, `__text_poke()`, cross_page_boundary.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="store8-sync", placement=4094, expect={"A": "safe", "*": "violation:integrity"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
