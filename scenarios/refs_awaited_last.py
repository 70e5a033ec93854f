"""Waiting for handlers after the last sync ends on every fair schedule, although the CPUs never pause.

The counterpart of `refs_awaited_too_early`: once the INT3 is gone and everybody has serialized, the count can
only fall. What is assumed of the CPUs is that each of them runs, that a store becomes visible one day, and that an
interrupt which may be taken again and again is taken.

Source: Linux, arch/x86/kernel/alternative.c: `text_poke_bp_batch()` waits for `bp_refs` after the last sync.
"""

from simulator.explore.properties import PROPERTIES
from simulator.scenario import Scenario

scenario = Scenario(protocol="wait-refs", properties=(*PROPERTIES, "fair-progress"), expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
