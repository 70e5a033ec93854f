"""The site crosses a page and text_poke does not care: while the tail is written nobody goes there.

The counterpart of `one_store_across_page`. Behind the INT3 the four bytes may be written as they please, in
pieces and in any order; the two stores that matter are of one byte each.

Source: Linux, arch/x86/kernel/alternative.c, `text_poke_bp_batch()`.
"""

from simulator.scenario import Scenario

scenario = Scenario(placement=4094, expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
