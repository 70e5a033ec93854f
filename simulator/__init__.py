"""kgraft-sim: patch a running multi-CPU guest, and check every schedule."""

__version__ = "0.1.0"
