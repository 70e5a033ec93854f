"""The handler's entry is removed after the last sync, and the sync is a maskable IPI: safe.

A #BP gate is an interrupt gate, so the handler runs with interrupts off. The CPU answers the IPI after it
has left the handler, and by then the INT3 is gone from memory and from its fetch. The sync that makes CPUs
forget text is at the same time the proof that no handler is at work.

Source: Linux, `smp_text_poke_sync_each_cpu()` is `on_each_cpu(do_sync_core)`. The other half of the story
is `disarm_after_nmi`.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="text-poke-disarm", expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
