"""What makes the state graph smaller and changes no verdict: runs of local steps, dead state, unread registers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reductions:
    """Which reductions are on. All off is the literal transition system; all others need ``merge``."""

    merge: bool = True
    interrupts: bool = True
    dead: bool = True
    ahead: bool = True
    """Needs ``interrupts`` too."""
    late: bool = True
    """Needs ``ahead``."""
    registers: bool = True
    symmetry: bool = True
