"""The sync between tail and head is left out: harmless where it was measured, and no manual allows it.

Before the head is written everybody has forgotten the old head. If fetch is in order (AMD's text, Q) or
reads memory when it executes, a CPU that sees the new head sees the new tail too. If any quadword may be
stale on its own (E, F, G) the new head meets the old tail; the strict reading of Intel leaves it undefined.
Linux keeps the sync: "According to Intel, this core syncing is very likely not necessary [...] But better
safe than sorry".

Source: H. P. Anvin on LKML, 2010-01-12, unofficially for Intel: this sync "is in fact unnecessary"; 0 torn
fetches in 1.9e8 on a Zen 3.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="text-poke-13", placement=62, expect={"ABZCQD": "safe", "EFGX": "violation:integrity"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
