"""Random, with weights towards the patch window: where and when a race over text can happen at all.

The window is open while a patch site holds anything but one whole version, or a store to it still waits in a
store buffer. Then a vCPU that stands at the site is EAGER times as likely to step as another, and an interrupt
is EAGER times as likely as the vCPU's other choices; the patcher steps as often as two others, so that every
step of its protocol is met. While the window is closed, a vCPU that stands at the site is in no hurry: it is the
one that can still be there when the window opens.

Besides, each vCPU has a pace, drawn anew every now and then, so that one can be left behind for as long as a long
preemption would; without, what needs one is hardly ever met. Every enabled choice keeps a chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from simulator.explore.properties import Watch, WatchedSite
from simulator.explore.schedulers.base import by_cpu
from simulator.machine.choice import Choice, Kind
from simulator.machine.memory import read_cells
from simulator.machine.state import State
from simulator.machine.vcpu import VCpu

USUAL = 4
EAGER = 8
PATCHER = 2
AROUND = 16
"""Bytes before a site that count as standing at it: about the instructions that lead to it."""

PACES = (1, 8, 64)
"""How often a vCPU steps, against others; each as likely as the others."""
PHASE = 64
"""Steps for which a pace lasts, on average."""

_DELIVERIES = (Kind.INTERRUPT, Kind.NMI, Kind.TIMER, Kind.ARRIVE)


class Weighted:
    """Weighted towards what ``watch`` says is patched; with nothing to watch, uniform over vCPUs."""

    def __init__(self, seed: int, watch: Watch | None) -> None:
        self._random, self._watch = Random(seed), watch
        self._paces: dict[int, int] = {}

    def choose(self, step: int, enabled: Sequence[Choice], state: State) -> Choice:
        """Take one of the enabled choices: first a vCPU by its weight, then one of its choices by theirs."""
        groups = by_cpu(enabled)
        open_now = is_open(self._watch, state)
        cpus = sorted(groups)
        cpu = self._pick(cpus, [self._pace(each) * self._of_cpu(state.vcpus[each], open_now) for each in cpus])
        choices = groups[cpu]
        return choices[self._pick(range(len(choices)), [_of_choice(choice, open_now) for choice in choices])]

    def _pace(self, cpu: int) -> int:
        if cpu not in self._paces or self._random.randrange(PHASE) == 0:
            self._paces[cpu] = self._random.choice(PACES)
        return self._paces[cpu]

    def _of_cpu(self, vcpu: VCpu, open_now: bool) -> int:
        watch = self._watch
        if watch is None:
            return USUAL
        if vcpu.number in watch.patchers:
            return USUAL * PATCHER if open_now else USUAL
        if any(site.address - AROUND <= vcpu.rip < site.end for site in watch.sites):
            return USUAL * EAGER if open_now else 1
        return USUAL

    def _pick(self, among: Sequence[int], weights: Sequence[int]) -> int:
        """Return one of ``among``; whole numbers, so that no rounding can differ between machines."""
        left = self._random.randrange(sum(weights))
        for each, weight in zip(among, weights, strict=True):
            left -= weight
            if left < 0:
                return each
        raise AssertionError("the weights do not add up")


def is_open(watch: Watch | None, state: State) -> bool:
    """Say whether a site is being patched right now."""
    if watch is None:
        return False
    return any(
        read_cells(watch.boot, state.memory, site.address, site.length) not in site.versions
        or any(_waits(vcpu, site) for vcpu in state.vcpus if vcpu.stores)
        for site in watch.sites
    )


def _waits(vcpu: VCpu, site: WatchedSite) -> bool:
    return any(
        chunk.address < site.end and site.address < chunk.address + len(chunk.data)
        for store in vcpu.stores
        for chunk in store
    )


def _of_choice(choice: Choice, open_now: bool) -> int:
    return EAGER if open_now and choice.kind in _DELIVERIES else 1
