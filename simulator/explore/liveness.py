"""Liveness on a finished state graph: from every state, can "done" still be reached (AG EF done)?"""

from __future__ import annotations

from array import array
from collections.abc import Iterable


def first_hopeless(edges: array[int], offsets: array[int], goals: Iterable[int]) -> int | None:
    """Return the first state, in order of discovery, from which no goal can be reached; None if there is none.

    ``edges[offsets[n]:offsets[n + 1]]`` are the successors of state ``n``. Breadth-first numbers grow towards
    the goals, so a few backward sweeps settle nearly all states.
    """
    states = len(offsets) - 1
    hopeful = bytearray(states)
    for goal in goals:
        hopeful[goal] = 1
    open_states = [number for number in range(states - 1, -1, -1) if not hopeful[number]]
    while open_states:
        left = []
        for number in open_states:
            for edge in edges[offsets[number] : offsets[number + 1]]:
                if hopeful[edge]:
                    hopeful[number] = 1
                    break
            else:
                left.append(number)
        if len(left) == len(open_states):
            return min(left)
        open_states = left
    return None
