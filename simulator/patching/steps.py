"""The steps a patch protocol is made of. A protocol is data: a tuple of these, assembled to guest code.

Offsets are relative to the patch site. A step says what the patcher's vCPU does, in the words of
``arch/x86/kernel/alternative.c`` where it has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sync(StrEnum):
    """How a patcher makes all other CPUs notice."""

    IPI = "ipi"
    """A maskable interrupt; the handler serializes, then acknowledges (on_each_cpu(do_sync_core))."""
    NMI = "nmi"
    """A non-maskable one; the handler acknowledges and its IRET serializes."""
    DELAY = "delay"
    """No message: wait a while and hope (WORDPATCH, PLDI 2016)."""


@dataclass(frozen=True, slots=True)
class New:
    """Bytes ``[start, stop)`` of the new text: the new instruction, then what stands behind the site."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Arm:
    """Tell the #BP handler about the site, from now on."""


@dataclass(frozen=True, slots=True)
class Disarm:
    """The #BP handler claims nothing any more."""


@dataclass(frozen=True, slots=True)
class Store:
    """One store into the site, of 1, 2, 4 or 8 bytes."""

    offset: int
    data: bytes | New
    locked: bool = False
    """By XCHG, which locks and drains the store buffer."""


@dataclass(frozen=True, slots=True)
class Fence:
    """MFENCE: wait until all own stores are visible."""


@dataclass(frozen=True, slots=True)
class SyncCores:
    """Make every other CPU serialize, and wait until all have; then serialize here too."""

    how: Sync = Sync.IPI


@dataclass(frozen=True, slots=True)
class WaitRefs:
    """Wait until no #BP handler holds a reference (needs a handler that takes one)."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Spin a bounded number of times."""

    turns: int = 8


@dataclass(frozen=True, slots=True)
class StopMachine:
    """Ask every other CPU to stop at its next stop point, and wait until all have."""


@dataclass(frozen=True, slots=True)
class ReleaseMachine:
    """Let the stopped CPUs go on."""


Step = Arm | Disarm | Store | Fence | SyncCores | WaitRefs | Delay | StopMachine | ReleaseMachine


@dataclass(frozen=True, slots=True)
class Protocol:
    """How bytes are exchanged under running CPUs.

    ``handler`` is the guest's #BP handler; ``transients`` are instructions, besides INT3, that the protocol
    leaves in the site for a while; ``stop_serializes`` says what stopped CPUs do on release.
    """

    name: str
    story: str
    steps: tuple[Step, ...]
    handler: str = "int3_emulate"
    transients: tuple[bytes, ...] = ()
    stop_serializes: bool = False

    @property
    def traps(self) -> bool:
        """Whether it puts an INT3 into the site."""
        return any(isinstance(step, Store) and step.data == b"\xcc" for step in self.steps)

    @property
    def stops(self) -> bool:
        """Whether the other CPUs have to stop for it."""
        return any(isinstance(step, StopMachine) for step in self.steps)


def written(store: Store, new: bytes) -> bytes:
    """Return what a store writes where the text from the site on is to become ``new``."""
    return store.data if isinstance(store.data, bytes) else new[store.data.start : store.data.stop]


def describe(step: Step) -> str:
    """Return a step in a few words, for tables and traces."""
    match step:
        case Store(offset, bytes() as data, locked):
            return f"{'xchg' if locked else 'store'} +{offset} {data.hex(' ')}"
        case Store(offset, New(start, stop), locked):
            return f"{'xchg' if locked else 'store'} +{offset} new[{start}:{stop}]"
        case SyncCores(how):
            return f"sync cores ({how.value})"
        case StopMachine():
            return "stop machine"
        case ReleaseMachine():
            return "release machine"
        case WaitRefs():
            return "wait for handlers"
        case Delay(turns):
            return f"delay {turns}"
        case _:
            return type(step).__name__.lower()
