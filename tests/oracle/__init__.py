"""A brute-force oracle for cross-modifying code, written from the rules alone.

Nothing here imports the simulator: the rules R1 to R7 of the design are written down a second time,
literally, on five abstract bytes, and every state is visited.  The simulator is judged by it, so it must stay
naive.
"""

from tests.oracle.explore import Result, cell, trace, verdict
from tests.oracle.model import (
    NEW,
    OLD,
    PROFILES,
    Arm,
    Delay,
    Disarm,
    Profile,
    Protocol,
    Step,
    StopBegin,
    StopEnd,
    Store,
    Sync,
    WaitQuiescent,
)

__all__ = [
    "NEW",
    "OLD",
    "PROFILES",
    "Arm",
    "Delay",
    "Disarm",
    "Profile",
    "Protocol",
    "Result",
    "Step",
    "StopBegin",
    "StopEnd",
    "Store",
    "Sync",
    "WaitQuiescent",
    "cell",
    "trace",
    "verdict",
]
