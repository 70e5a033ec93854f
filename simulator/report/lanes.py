"""A counterexample as in kernel commits: one lane per vCPU, time goes down.

::

          vCPU0                              vCPU1 (patcher)
          -----                              ---------------
     #9                                      2. store +0 cc
    #12   executes 0f 1f 44 00 00 = old
"""

from __future__ import annotations

from collections.abc import Sequence

from simulator.report.table import WIDTH, wrap
from simulator.report.words import Fact

_NARROWEST = 26
_GAP = 2
FOR_EVER = "-- and from here on again and again:"


def lanes(facts: Sequence[Fact], patchers: frozenset[int], width: int = WIDTH, turn: int | None = None) -> str:
    """Return the facts side by side; one below the other where there is no room for lanes.

    The facts behind step ``turn`` repeat for ever; a line says so.
    """
    cpus = sorted({fact.cpu for fact in facts})
    number_width = max((len(str(fact.number)) for fact in facts), default=1) + 1
    lane = (width - number_width - _GAP * len(cpus)) // max(len(cpus), 1)
    if lane < _NARROWEST:
        return _list(facts, patchers, width, turn)
    gap = " " * _GAP
    names = [_name(cpu, patchers) for cpu in cpus]
    lines = [
        " " * number_width + "".join(gap + text.ljust(lane) for text in texts)
        for texts in (names, ["-" * len(name) for name in names])
    ]
    last = 0
    for fact in facts:
        if turn is not None and fact.number > turn:
            lines.append(FOR_EVER)
            turn = None
        indent = gap + " " * (lane + _GAP) * cpus.index(fact.cpu)
        mark = f"#{fact.number}" if fact.number != last else ""
        last = fact.number
        for part in wrap(fact.text, lane, "", "  "):
            lines.append(mark.rjust(number_width) + indent + part)
            mark = ""
    return "\n".join(line.rstrip() for line in lines)


def _list(facts: Sequence[Fact], patchers: frozenset[int], width: int, turn: int | None) -> str:
    lines: list[str] = []
    for fact in facts:
        if turn is not None and fact.number > turn:
            lines.append(FOR_EVER)
            turn = None
        lines += wrap(fact.text, width, f"#{fact.number} {_name(fact.cpu, patchers)}: ", "    ")
    return "\n".join(lines)


def _name(cpu: int, patchers: frozenset[int]) -> str:
    return f"vCPU{cpu} (patcher)" if cpu in patchers else f"vCPU{cpu}"
