"""How many lines each row of panes gets, from 80 by 24 upwards."""

from __future__ import annotations

from typing import NamedTuple

FIXED = 4
"""Lines for heading, timeline, message and keys."""


class Heights(NamedTuple):
    """Lines, titles included: CPUs, protocol and choices; the patch site. The event log has what is left."""

    top: int
    site: int


def heights(rows: int, cpus: int, sites: int = 1) -> Heights:
    """Return how ``rows`` lines are shared; each site needs a line for memory and some for each CPU."""
    free = max(rows - FIXED, 9)
    site = max(3, min(max(1 + sites * (1 + 2 * cpus), free // 4), free * 7 // 20))
    log = max(3, free // 4)
    return Heights(free - site - log, site)
