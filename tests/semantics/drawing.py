"""Random protocols, in the oracle's words, and the same protocol in the simulator's.

What is drawn is a tuple of the oracle's steps whose stores name bytes by where they come from, so that either
side can be given the bytes it works on.
"""

from dataclasses import dataclass

from hypothesis import strategies as st

from simulator.patching import steps as ours
from tests.oracle import model as theirs

OLD = theirs.OLD
LOCATIONS = (0, 5, 30, 60, 62, 63, 1, 4, 27, 31, 59, 61, 4093)
SELF = b"\xeb\xfe"


@dataclass(frozen=True, slots=True)
class Bytes:
    """A store of bytes ``[low, high)`` of the old or the new instruction, or of a plain value."""

    low: int
    high: int
    what: str
    locked: bool = False

    def data(self, new: bytes) -> bytes:
        whole = {"old": OLD, "new": new, "int3": b"\xcc" * 5, "self": SELF * 2}[self.what]
        return whole[self.low : self.high]


Drawn = theirs.Arm | theirs.Disarm | theirs.Sync | theirs.Delay | theirs.StopBegin | theirs.StopEnd | Bytes

PARTS = tuple((low, low + size) for size in (1, 2, 4) for low in range(5 - size + 1))
ARM, SYNC, DISARM = theirs.Arm(), theirs.Sync(), theirs.Disarm()
INT3, TAIL, HEAD = Bytes(0, 1, "int3"), Bytes(1, 5, "new"), Bytes(0, 1, "new")
FULL: tuple[Drawn, ...] = (ARM, INT3, SYNC, TAIL, SYNC, HEAD, SYNC, DISARM)

LOCKED = st.sampled_from((False, False, False, True))
NEW_PARTS = st.builds(lambda part, locked: Bytes(*part, "new", locked), st.sampled_from((*PARTS, (0, 5))), LOCKED)
OLD_PARTS = st.builds(lambda part, locked: Bytes(*part, "old", locked), st.sampled_from(PARTS), LOCKED)
MARKS = st.builds(lambda locked: Bytes(0, 1, "int3", locked), LOCKED)
JUMPS = st.sampled_from((Bytes(0, 2, "self"), Bytes(0, 4, "self"), Bytes(0, 1, "self")))
STORES = st.one_of(MARKS, NEW_PARTS, NEW_PARTS, st.sampled_from((HEAD, TAIL)), OLD_PARTS, JUMPS)
OTHERS = st.sampled_from((SYNC, SYNC, ARM, DISARM, theirs.Delay()))
STEPS = st.one_of(STORES, STORES, OTHERS)

FREE = st.lists(STEPS, min_size=1, max_size=6).map(tuple)


@st.composite
def near_text_poke(draw: st.DrawFn) -> tuple[Drawn, ...]:
    """The protocol as Linux has it, with some steps left out, and at most one more put in or two exchanged."""
    kept = [step for step in FULL if draw(st.sampled_from((True, True, True, False)))]
    if draw(st.booleans()):
        kept.insert(draw(st.integers(0, len(kept))), draw(STEPS))
    elif len(kept) > 1 and draw(st.booleans()):
        at = draw(st.integers(0, len(kept) - 2))
        kept[at], kept[at + 1] = kept[at + 1], kept[at]
    return tuple(kept)


@st.composite
def with_a_stop(draw: st.DrawFn) -> tuple[Drawn, ...]:
    """Steps before the stop, while all are stopped, and after it."""
    before, during, after = (draw(st.lists(STEPS, max_size=size)) for size in (1, 3, 2))
    release = (theirs.StopEnd(draw(st.booleans())),) if draw(st.sampled_from((True, True, True, False))) else ()
    return (*before, theirs.StopBegin(), *during, *release, *after)


PROTOCOLS = st.one_of(near_text_poke(), FREE, with_a_stop())


def for_oracle(drawn: tuple[Drawn, ...], new: bytes) -> theirs.Protocol:
    """The oracle's protocol, on the bytes of the guest."""
    steps = (theirs.Store(step.low, step.data(new), step.locked) if isinstance(step, Bytes) else step for step in drawn)
    return theirs.Protocol("drawn", tuple(steps))


def for_simulator(drawn: tuple[Drawn, ...]) -> ours.Protocol:
    """The simulator's protocol."""
    serializes = any(isinstance(step, theirs.StopEnd) and step.serialize for step in drawn)
    return ours.Protocol(
        "drawn", "at random", tuple(_translated(step) for step in drawn), transients=(SELF,), stop_serializes=serializes
    )


def _translated(step: Drawn) -> ours.Step:
    match step:
        case theirs.Arm():
            return ours.Arm()
        case theirs.Disarm():
            return ours.Disarm()
        case theirs.Sync():
            return ours.SyncCores()
        case theirs.Delay():
            return ours.Delay(1)
        case theirs.StopBegin():
            return ours.StopMachine()
        case theirs.StopEnd():
            return ours.ReleaseMachine()
        case Bytes(0, 5, "new", locked):  # no store has five bytes: eight, the last three of which change nothing
            return ours.Store(0, ours.New(0, 8), locked)
        case Bytes(low, high, "new", locked):
            return ours.Store(low, ours.New(low, high), locked)
        case _:
            return ours.Store(step.low, step.data(b""), step.locked)


def stops(drawn: tuple[Drawn, ...]) -> bool:
    return any(isinstance(step, theirs.StopBegin) for step in drawn)
