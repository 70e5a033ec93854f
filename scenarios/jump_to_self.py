"""HotSpot's way: a jump to itself holds everybody up while the last byte changes. No handler, no sync.

Four bytes `eb fe eb fe`, then the fifth byte of the new jump, then its first four. Inside an aligned
quadword every fetch is one of old, `jmp $` and new; nobody is told, so what a CPU executes after the end is
not asked here.

Source: OpenJDK, `NativeGeneralJump::replace_mt_safe()`, hotspot/cpu/x86/nativeInst_x86.cpp.
"""

from simulator.explore.properties import PROPERTIES
from simulator.scenario import Scenario

scenario = Scenario(
    protocol="jmp-self",
    placement=0,
    properties=tuple(name for name in PROPERTIES if name != "freshness"),
    expect={"*": "safe", "DGX": "violation:integrity"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
