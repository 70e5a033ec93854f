"""What there is: five bytes, ten profiles, a patcher's steps, and the state of the abstract machine.

The site is one instruction of five bytes at a given address; only where that address stands to the granules
matters.  The old and the new bytes differ at every offset, so each byte tells which instruction it came from.
Not here: NMIs, interrupts that the executors keep off, more than one site, and a patcher that runs the site.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

OLD = bytes.fromhex("0f1f440000")
NEW = bytes.fromhex("e9a1a2a3a4")
INT3 = b"\xcc"
SELF = b"\xeb\xfe"
KINDS = {OLD: "old", NEW: "new", INT3: "int3", SELF: "self"}

SITE = 5  # bytes
INFINITE = 1 << 62


@dataclass(frozen=True, slots=True)
class Profile:
    """A point of the fetch lattice: granules in bytes, how old a fetched one may be, strict Intel or not."""

    name: str
    fetch: int
    store: int
    age: Literal["0", "Q", "P"]
    ub: bool = False


PROFILES = {
    "A": Profile("coherent", INFINITE, INFINITE, "0"),
    "B": Profile("line64", 64, 64, "0"),
    "Z": Profile("zen3", 64, 32, "Q"),
    "C": Profile("qword8", 8, 8, "0"),
    "Q": Profile("fifo8", 8, 8, "Q"),
    "D": Profile("byte1", 1, 1, "0"),
    "E": Profile("stale64", 64, 64, "P"),
    "F": Profile("stale8", 8, 8, "P"),
    "G": Profile("stale1", 1, 1, "P"),
    "X": Profile("intel-strict", 8, 8, "P", ub=True),
}

# Every behaviour of the left is one of the right.
ORDER = (
    ("A", "B"), ("B", "C"), ("C", "D"), ("A", "E"), ("E", "F"), ("F", "G"), ("B", "E"),
    ("B", "Z"), ("Z", "Q"), ("C", "Q"), ("Q", "F"), ("D", "G"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arm:
    """Store: the #BP handler knows the site."""


@dataclass(frozen=True, slots=True)
class Disarm:
    """Store: the #BP handler does not know the site."""


@dataclass(frozen=True, slots=True)
class Store:
    """One store into the site; a locked one drains the buffer and commits as one chunk."""

    offset: int
    data: bytes
    locked: bool = False

    def __post_init__(self) -> None:
        if not (self.data and self.offset >= 0 and self.offset + len(self.data) <= SITE):
            raise ValueError(f"a store of {len(self.data)} bytes at {self.offset} is not inside the site")


@dataclass(frozen=True, slots=True)
class Sync:
    """MFENCE, a maskable IPI to every executor, wait until each has serialized and acknowledged."""


@dataclass(frozen=True, slots=True)
class WaitQuiescent:
    """A full barrier, then wait until every executor has passed its loop boundary; nobody is flushed."""


@dataclass(frozen=True, slots=True)
class StopBegin:
    """Ask the executors to stop at their loop boundary, wait until all of them spin there."""


@dataclass(frozen=True, slots=True)
class StopEnd:
    """Store: the executors may go on; with `serialize` each flushes as it leaves the stop loop."""

    serialize: bool


@dataclass(frozen=True, slots=True)
class Delay:
    """Nothing: time passes anyway."""


Step = Arm | Disarm | Store | Sync | WaitQuiescent | StopBegin | StopEnd | Delay


@dataclass(frozen=True, slots=True)
class Protocol:
    """What the patcher does, in order; done after the last step, when stores may still be buffered."""

    name: str
    steps: tuple[Step, ...]


# Places of memory beside the five bytes of text (which are the places 0 to 4), and the values of STOP.
ARMED = -1
STOP = -2
RUN, HALT, RUN_SERIALIZED = 0, 1, 2


class Write(NamedTuple):
    """Bytes that become visible together, at one place."""

    place: int
    data: bytes


class Executor(NamedTuple):
    """A CPU that runs the site in a loop.

    `at` is its next act:
        `site`, `loop` (and `loop2`): an instruction, before which an interrupt can be delivered;
        `stopped`: to look at STOP, in a loop with interrupts off;
        `bp`, `bp_iret`: in the #BP handler, interrupts off;
        `ipi`, `ipi_ack`, `ipi_iret`: in the IPI's handler, interrupts off, to return to `back`.
    `partial` are the bytes read of an instruction that is not whole yet.
    `held` is its fetch state: with age P one entry per granule (empty: absent), with age Q the queue.
    `owes` is what the patcher waits for: `ipi` (pending), `ack` (delivered), `pass` (the loop boundary).
    `dirty` are the offsets stored to since the last flush, `first` the values of byte 0 since then (R7 only).
    """

    at: str = "site"
    back: str = ""
    partial: bytes = b""
    held: tuple[bytes, ...] = ()
    owes: str = ""
    dirty: frozenset[int] = frozenset()
    first: bytes = b""


class State(NamedTuple):
    """Memory, the patcher, its stores (oldest first, each the chunks it still has), the executors."""

    text: bytes
    armed: int
    stop: int
    pc: int
    waiting: bool
    buffer: tuple[tuple[Write, ...], ...]
    executors: tuple[Executor, ...]


@dataclass(frozen=True, slots=True)
class Geometry:
    """All that an address and a profile mean for five bytes: the offsets where fetches and stores are cut."""

    fetch: tuple[int, ...]
    store: tuple[int, ...]

    @classmethod
    def of(cls, address: int, profile: Profile) -> "Geometry":
        def cuts(granule: int) -> tuple[int, ...]:
            return tuple(at for at in range(1, SITE) if (address + at) % granule == 0)

        return cls(cuts(profile.fetch), cuts(profile.store))
