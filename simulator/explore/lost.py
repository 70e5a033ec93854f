"""Time lost to a patch: how long each CPU is kept from its own work, in instructions of its own.

A CPU's own work is what it would execute without the patch: user code, the kernel, handlers of its timer. The rest is
code of the patch, known by its address, and an instruction that stands in a patch site instead of the original one.
A stretch is the instructions of the patch that one CPU executes between two of its own.

A CPU that waits for another one has no bound of its own: how often it looks is a matter of the schedule. It shows in
a stretch in which the CPU is twice in the same state, with no interrupt taken in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from simulator.explore.properties import WatchedSite
from simulator.explore.simulate import TraceStep
from simulator.machine.events import Delivered, Executed
from simulator.machine.vcpu import VCpu


class Stretch(NamedTuple):
    """The longest stretch of one CPU."""

    instructions: int = 0
    waits: bool = False
    """Whether some stretch waits for another CPU, so that an unfair schedule could make it any length."""

    def or_longer(self, other: Stretch) -> Stretch:
        """Return the longest of two measurements of the same CPU."""
        return Stretch(max(self.instructions, other.instructions), self.waits or other.waits)


@dataclass(frozen=True, slots=True)
class PatchCode:
    """What exists because of the patch."""

    ranges: tuple[tuple[int, int], ...]
    """``(start, end)`` of each of its functions."""
    sites: tuple[WatchedSite, ...]

    def has(self, event: Executed) -> bool:
        """Say whether an executed instruction is one of the patch's."""
        if any(start <= event.address < end for start, end in self.ranges):
            return True
        return event.mutable and any(
            site.address == event.address and event.code != site.versions[0] for site in self.sites
        )


def lost(code: PatchCode, steps: Iterable[TraceStep], cpus: int) -> tuple[Stretch, ...]:
    """Return the longest stretch of each of the first ``cpus`` vCPUs in one execution.

    A stretch that the execution ends in counts as far as it got.
    """
    longest, current = [Stretch()] * cpus, [0] * cpus
    seen: list[set[VCpu]] = [set() for _ in range(cpus)]
    for step in steps:
        cpu = step.choice.cpu
        if cpu < cpus and any(isinstance(event, Delivered) for event in step.events):
            seen[cpu].clear()
        executed = [event for event in step.events if isinstance(event, Executed)]
        if cpu >= cpus or not executed:
            continue
        for event in executed:
            current[cpu] = current[cpu] + 1 if code.has(event) else 0
        if not current[cpu]:
            seen[cpu].clear()
            continue
        here = step.after.vcpus[cpu]
        longest[cpu] = longest[cpu].or_longer(Stretch(current[cpu], here in seen[cpu]))
        seen[cpu].add(here)
    return tuple(longest)
