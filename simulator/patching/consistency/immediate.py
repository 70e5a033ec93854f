"""``immediate``: no model at all. A call runs whatever its site leads to at that moment."""

from __future__ import annotations

from simulator.patching.consistency.model import Model

IMMEDIATE = Model(
    "immediate",
    promise="every call runs a whole function, the old one or the new one",
    fails="two functions that have to change together do not",
    source="kGraft's and Linux livepatch's flag of the same name (removed in Linux 4.17)",
    patcher="patcher_immediate",
)
