"""Which steps a protocol needs: the variants that are worth a check, and what the verdicts on them amount to.

Nothing here checks anything. A variant is left out for two reasons only: its stores do not end in the new text, or
it is the same steps again. That something with more steps is unsafe says nothing about something with fewer, and
the other way round, so nothing is concluded from that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import NamedTuple

from simulator.errors import ScenarioError
from simulator.explore.properties import FAIR_PROGRESS
from simulator.explore.verdict import Outcome, Verdict
from simulator.machine.profiles import PROFILES, below
from simulator.patching.program import BEHIND
from simulator.patching.variants import Steps, Variant, completes, fewer, neighbours, reordered, steps_of
from simulator.scenario.build import Guest
from simulator.scenario.scenario import Scenario

MOST = 2_000
"""Variants that are checked at most."""
_LISTED = 100_000
"""Variants that are looked at, of which most do not write the new text."""
FARTHEST = 2
"""Edits between a protocol and the variants that are tried in its place."""
_LIVENESS = ("progress", FAIR_PROGRESS)

Texts = tuple[tuple[bytes, bytes], ...]
"""What stands at the site and behind it, before and after each application of the protocol."""


class Answer(NamedTuple):
    """What is known of one variant under one fetch model."""

    label: str
    """As ``Verdict.label``."""
    below: str = ""
    """The fetch model that was checked instead: all of its behaviours, and so its violation, are this one's too."""

    @property
    def safe(self) -> bool:
        """Whether every schedule was explored and none is wrong."""
        return self.label == Outcome.SAFE.value

    @property
    def unfinished(self) -> bool:
        """Whether a limit came first."""
        return self.label == Outcome.INCOMPLETE.value

    @property
    def unsafe(self) -> bool:
        """Whether some schedule is wrong, or what had to happen never did."""
        return not (self.safe or self.unfinished)


Row = Mapping[str, Answer]
Table = Mapping[Steps, Row]


@dataclass(frozen=True, slots=True)
class Found:
    """A variant that is safe somewhere."""

    variant: Variant
    row: Row
    best: frozenset[str]
    """Fetch models in which it is safe and nothing smaller, or nothing nearer, is."""
    edits: int = 0
    """How far it is from the protocol; 0: it has steps of the protocol only."""


@dataclass(frozen=True, slots=True)
class Minimized:
    """A protocol taken apart."""

    steps: Steps
    profiles: tuple[str, ...]
    whole: Row
    """The protocol as it is."""
    without: tuple[Row, ...]
    """For each step, the protocol without it; empty where that does not end in the new text."""
    minimal: tuple[Found, ...]
    repairs: tuple[Found, ...]
    """The nearest safe variants under fetch models in which the protocol is not safe."""
    orders: bool
    """Whether other orders were checked too."""
    checked: int
    """Variants that were checked."""
    unfinished: int
    """Answers that a limit stopped."""

    @property
    def needed(self) -> tuple[frozenset[str], ...]:
        """For each step, the fetch models in which the protocol is safe, and without that step alone is not."""
        safe = [name for name in self.profiles if self.whole[name].safe]
        return tuple(frozenset(name for name in safe if not row or row[name].unsafe) for row in self.without)

    @property
    def beyond_repair(self) -> tuple[str, ...]:
        """Fetch models in which neither the protocol nor anything near it is safe."""
        repaired = {name for found in self.repairs for name in found.best}
        return tuple(name for name in self.profiles if self.whole[name].unsafe and name not in repaired)


def require_steps(name: str, scenario: Scenario) -> Steps:
    """Return the steps of a scenario's protocol. Raises ScenarioError where guest code is the patcher."""
    if scenario.patchers or scenario.model is not None or not scenario.edits:
        who = f"patched by guest code ({scenario.protocol_name})" if scenario.edits else "not patched"
        raise ScenarioError(f"{name} is {who}: there is no protocol to take apart; try no-middle-sync")
    return scenario.steps.steps


def texts(guest: Guest) -> Texts:
    """Return the texts between which the protocol of a guest leads."""
    site = guest.sites[0]
    behind = guest.image.read(site.end, BEHIND)
    versions = [version + behind for version in site.versions]
    return tuple(pairwise(versions))


def writes(steps: Steps, between: Texts) -> bool:
    """Say whether steps leave the new text each time."""
    return all(completes(steps, old, new) for old, new in between)


def parts(steps: Steps, between: Texts, *, in_order: bool) -> tuple[tuple[Variant, ...], bool]:
    """Return the variants that have steps of the protocol only, and whether all orders are among them.

    Where there are too many orders, steps are only left out. Raises ScenarioError where even that is too much.
    """
    for ordered, listed in ((True, reordered(steps)), (False, fewer(steps))):
        if not (ordered and in_order):
            looked_at = tuple(islice(listed, _LISTED + 1))
            found = tuple(each for each in looked_at if writes(steps_of(each, steps), between))
            if len(looked_at) <= _LISTED and len(found) <= MOST:
                return found, ordered
    raise ScenarioError(f"{len(steps)} steps have too many subsets to check them all (more than {MOST:,})")


def around(steps: Steps, between: Texts) -> Iterator[tuple[Variant, ...]]:
    """Yield the variants that are one edit away, then two: a step dropped, two exchanged, a sync put in."""
    reached: tuple[Variant, ...] = (tuple(range(len(steps))),)
    seen = {steps}
    for _ in range(FARTHEST):
        reached = tuple(each for each in neighbours(reached, steps) if steps_of(each, steps) not in seen)
        seen |= {steps_of(each, steps) for each in reached}
        yield tuple(each for each in reached if writes(steps_of(each, steps), between))


def inherited(fetch: str, known: Mapping[str, Verdict]) -> str:
    """Return a lower fetch model whose violation this one has too; empty where there is none.

    Its schedule is one of this model. That the patcher can wait for ever is not passed on: more behaviours may
    be a way out.
    """
    lower = below(fetch)
    violated = (
        name
        for name, verdict in known.items()
        if name in lower and verdict.finding is not None and verdict.finding.property not in _LIVENESS
    )
    return next(violated, "")


def row(profiles: Sequence[str], known: Mapping[str, Verdict]) -> Row:
    """Return what verdicts say about each fetch model, those that were not checked included."""
    return {
        name: Answer(known[name].label) if name in known else Answer(known[lower].label, lower)
        for name in profiles
        for lower in [inherited(name, known)]
    }


def without(steps: Steps, table: Table) -> tuple[Row, ...]:
    """Return for each step what is known of the protocol without it."""
    return tuple(table.get((*steps[:place], *steps[place + 1 :]), {}) for place in range(len(steps)))


def minimal(variants: Iterable[Variant], steps: Steps, table: Table, profiles: Iterable[str]) -> tuple[Found, ...]:
    """Return the variants that are safe while nothing that is left of them after leaving out steps is."""
    best: dict[Steps, set[str]] = {}
    for name in profiles:
        safe = [found for found, row in table.items() if row[name].safe]
        for found in safe:
            if not any(_is_part(other, found) for other in safe if other != found):
                best.setdefault(found, set()).add(name)
    return _listed(variants, steps, table, best, 0)


def nearest(
    variants: Iterable[Variant], steps: Steps, table: Table, open_: AbstractSet[str], edits: int
) -> tuple[Found, ...]:
    """Return the variants that are safe under one of the fetch models ``open_``."""
    best = {steps_of(each, steps): {name for name in open_ if table[steps_of(each, steps)][name].safe}
            for each in variants}  # fmt: skip
    return _listed(variants, steps, table, best, edits)


def in_order(profiles: Iterable[str]) -> tuple[str, ...]:
    """Return fetch models so that each comes after those it includes."""
    wanted = set(profiles)
    return tuple(name for name in PROFILES if name in wanted)


def _is_part(one: Steps, other: Steps) -> bool:
    rest = iter(other)
    return len(one) < len(other) and all(step in rest for step in one)


def _listed(
    variants: Iterable[Variant], steps: Steps, table: Table, best: Mapping[Steps, AbstractSet[str]], edits: int
) -> tuple[Found, ...]:
    """Return what is best somewhere, that of most fetch models first."""
    named = ((each, steps_of(each, steps)) for each in variants)
    found = [Found(each, table[made], frozenset(best[made]), edits) for each, made in named if best.get(made)]
    return tuple(sorted(found, key=lambda each: -sum(answer.safe for answer in each.row.values())))
