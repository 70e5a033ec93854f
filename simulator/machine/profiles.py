"""The ten models of instruction fetch, from the textbook machine to Intel's strict reading.

The parameters and the order of the profiles are those of the fetch lattice (docs/fetch-profiles.md); sources:
AMD64 APM vol. 2, 7.6.1 (asynchronous modification) and 7.6.4 (serializing instructions); Intel SDM vol. 3A,
"Handling Self- and Cross-Modifying Code" and "Serializing Instructions".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from simulator.errors import ScenarioError
from simulator.x86.decode import Vendor


class Age(Enum):
    """How old a fetched granule may be."""

    NOW = "0"
    """Read when it is executed."""
    QUEUE = "Q"
    """Read ahead, in order, into a queue that only a flush empties."""
    HELD = "P"
    """Any granule may be held stale until a flush."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One model of fetch. Granules are in bytes; None is unbounded."""

    name: str
    letter: str
    granule: int | None
    store_granule: int | None
    age: Age
    reading: str
    vendor: Vendor | None = None
    """Whose list of serializing instructions holds; None: only what both vendors call serializing."""
    strict: bool = False
    """Intel: executing bytes that another CPU stored without a sync is undefined (rule R7)."""

    @property
    def alias_checked(self) -> bool:
        """Whether an own store through another mapping of the text is noticed (AMD: by physical address)."""
        return self.age is not Age.HELD


_TABLE = (
    Profile("coherent", "A", None, None, Age.NOW, "the textbook machine", Vendor.AMD),
    Profile("line64", "B", 64, 64, Age.NOW, "fits all tearing measured on a Zen 3", Vendor.AMD),
    Profile("zen3", "Z", 64, 32, Age.QUEUE, "tightest that measurements on a Zen 3 leave standing", Vendor.AMD),
    Profile("qword8", "C", 8, 8, Age.NOW, "AMD APM 2, 7.6.1, asynchronous modification", Vendor.AMD),
    Profile("fifo8", "Q", 8, 8, Age.QUEUE, "the same with run-ahead fetch: AMD's text in full", Vendor.AMD),
    Profile("byte1", "D", 1, 1, Age.NOW, "no atomicity at all", Vendor.AMD),
    Profile("stale64", "E", 64, 64, Age.HELD, "a line may be stale until serialized"),
    Profile("stale8", "F", 8, 8, Age.HELD, "a quadword may be stale until serialized"),
    Profile("stale1", "G", 1, 1, Age.HELD, "every byte may be stale until serialized"),
    Profile("intel-strict", "X", 8, 8, Age.HELD, "Intel SDM: unsynchronised modification is undefined",
            Vendor.INTEL, strict=True),
)  # fmt: skip

PROFILES = MappingProxyType({profile.name: profile for profile in _TABLE})
"""Every profile by name, in the order they are printed."""

INCLUSIONS = (
    ("coherent", "line64"), ("line64", "qword8"), ("qword8", "byte1"), ("coherent", "stale64"),
    ("stale64", "stale8"), ("stale8", "stale1"), ("line64", "stale64"), ("line64", "zen3"), ("zen3", "fifo8"),
    ("qword8", "fifo8"), ("fifo8", "stale8"), ("byte1", "stale1"),
)  # fmt: skip
"""Pairs (lower, higher): every behaviour of the lower profile is one of the higher."""


def below(name: str) -> frozenset[str]:
    """Return the profiles all of whose behaviours are behaviours of this one, without itself."""
    lower = {low for low, high in INCLUSIONS if high == name}
    return frozenset(lower.union(*map(below, lower)))


def profile(name: str) -> Profile:
    """Return a profile by its name or letter. Raises ScenarioError when there is none."""
    for candidate in _TABLE:
        if name in (candidate.name, candidate.letter):
            return candidate
    raise ScenarioError(f"no fetch model {name!r}; choose one of: {', '.join(PROFILES)}, or all")
