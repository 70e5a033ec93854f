"""Liveness under weak fairness: a cycle in which a patcher waits for ever though everyone else runs."""
