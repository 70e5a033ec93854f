"""No last sync, and then the handler's entry is removed: an IPI saved, a CPU lost.

The same end as `handler_removed_early`. Without the last sync nothing tells the patcher when the last CPU
has left the breakpoint. Stale text after the patcher's return is not asked for here: it is what makes the
trap possible.

Source: Linux, arch/x86/kernel/alternative.c, the third `text_poke_sync()`.
"""

from simulator.explore.properties import PROPERTIES
from simulator.scenario import Scenario

scenario = Scenario(
    protocol="disarm-unsynced",
    properties=tuple(name for name in PROPERTIES if name != "freshness"),
    expect={"*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
