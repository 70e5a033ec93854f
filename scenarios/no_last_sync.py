"""The last sync is left out: nothing tears, but the old world lives on after the patcher has returned.

The first byte of the jump is still in the patcher's store buffer, or a CPU stands in the INT3 that it
fetched before: it executes the breakpoint although the patcher is done. Whoever now removes the handler, or
the memory of the patcher's table, breaks that CPU (see `disarm_without_last_sync`). Every model says so,
the textbook's too.

Source: Linux, arch/x86/kernel/alternative.c: the third sync of `text_poke_bp_batch()`.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="text-poke-12", placement=62, expect={"*": "violation:freshness"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
