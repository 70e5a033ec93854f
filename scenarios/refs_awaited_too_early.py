"""A patcher waits until no handler is at work while its INT3 still stands, and the CPUs keep coming.

Every handler leaves, so from every state the patcher can still be done: `progress` holds. But nothing makes it
see the moment between two handlers. The other CPU calls the function again and again, everyone takes steps, no
interrupt is held back, and the count is one whenever the patcher looks. `wait-refs` asks the same question
after the last sync, when nobody can come any more, and is done on every fair schedule.

Source: Linux, arch/x86/kernel/alternative.c: `text_poke_bp_batch()` waits for `bp_refs` after the last sync.
"""

from simulator.explore.properties import PROPERTIES
from simulator.patching.protocols.text_poke import HEAD, INT3, TAIL
from simulator.patching.steps import Arm, Protocol, SyncCores, WaitRefs
from simulator.scenario import Scenario

scenario = Scenario(
    protocol=Protocol(
        "refs-too-early",
        "INT3, a sync, a wait for handlers, then the rest",
        (Arm(), INT3, SyncCores(), WaitRefs(), TAIL, SyncCores(), HEAD, SyncCores()),
        "int3_emulate_refs",
    ),
    properties=(*PROPERTIES, "fair-progress"),
    expect={"*": "violation:fair-progress"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
