"""The breakpoint is written by XCHG: it becomes visible at once, and yet not before the handler is armed.

Telling the handler about the site is a plain store, which may stand in the store buffer for long. A locked instruction
waits for all stores before it, so no CPU meets the INT3 while its handler knows of nothing.

Source: Owens, Sarkar, Sewell, "A Better x86 Memory Model: x86-TSO"; Intel SDM 3A, "Loads
and Stores Are Not Reordered with Locked Instructions".
"""

from simulator.patching.steps import Arm, New, Protocol, Store, SyncCores
from simulator.scenario import Scenario

BY_XCHG = Protocol(
    "text-poke-xchg",
    "INT3 and the first byte by XCHG, with all three syncs",
    (
        Arm(), Store(0, b"\xcc", locked=True), SyncCores(),
        Store(1, New(1, 5)), SyncCores(),
        Store(0, New(0, 1), locked=True), SyncCores(),
    ),
)  # fmt: skip

scenario = Scenario(protocol=BY_XCHG, workload="workload_caller_once", expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
