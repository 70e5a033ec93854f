"""What can happen next, one method per rule, and the search through everything that can.

Two shortcuts are taken, and tested to change nothing: a fetch that can only become torn is reported before
its last byte, and a CPU inside a handler does not read ahead.
"""

from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from tests.oracle.model import (
    ARMED,
    HALT,
    INT3,
    KINDS,
    OLD,
    PROFILES,
    RUN,
    RUN_SERIALIZED,
    SELF,
    SITE,
    STOP,
    Arm,
    Delay,
    Disarm,
    Executor,
    Geometry,
    Profile,
    Protocol,
    State,
    Step,
    StopBegin,
    StopEnd,
    Store,
    Sync,
    WaitQuiescent,
    Write,
)

VIOLATIONS = ("UB", "torn", "nohandler")
STALE = ("int3", "old", "self")

INTERRUPTIBLE = ("site", "loop", "loop2")
FETCHING = (
    *INTERRUPTIBLE,
    "stopped",
)  # R3; whatever a handler's CPU reads ahead, the IRET that ends it empties

# A successor: what happened, the state after it (None: the run ends in a violation), what is to be reported.
Successor = tuple[str, State | None, str]


def instruction(read: bytes) -> bytes:
    """The whole instruction at the start of these bytes, or nothing if the decoder needs more of them."""
    if read[:1] == INT3:
        return read[:1]
    length = 2 if read[:1] == SELF[:1] else SITE
    return read[:length] if len(read) >= length else b""


def doomed(read: bytes) -> bool:
    """No whole instruction begins like this: whatever is read next, what is executed is torn."""
    return not any(kind.startswith(read) for kind in KINDS)


class Machine:
    """The rules, for one protocol at one placement under one profile."""

    def __init__(
        self,
        protocol: Protocol,
        geometry: Geometry,
        profile: Profile,
        executors: int,
        queue: int,
        boundaries: int,
    ) -> None:
        self.steps = protocol.steps
        self.profile = profile
        self.after_loop = "loop2" if boundaries == 2 else "site"
        self.store_cuts = geometry.store
        edges = (0, *geometry.fetch, SITE)
        self.granules = tuple(pairwise(edges))
        self.queue = queue * len(self.granules)
        self.empty: tuple[bytes, ...] = (b"",) * len(self.granules) if profile.age == "P" else ()
        executor = Executor(held=self.empty, first=OLD[:1] if profile.ub else b"")
        self.start = State(OLD, 0, RUN, 0, False, (), (executor,) * executors)

    def done(self, state: State) -> bool:
        return state.pc == len(self.steps)

    def successors(self, state: State) -> Iterator[Successor]:
        yield from self.commit(state)
        if not self.done(state):
            yield from self.patcher(state, self.steps[state.pc])
        for number, executor in enumerate(state.executors):
            before, after = state.executors[:number], state.executors[number + 1 :]
            for event, changed, report in self.executor(state, executor):
                new = None if changed is None else state._replace(executors=(*before, changed, *after))
                yield f"E{number}: {event}", new, report

    # R1: commit.

    def split(self, store: Store) -> tuple[Write, ...]:
        """The chunks of an unlocked store."""
        end = store.offset + len(store.data)
        edges = (store.offset, *(cut for cut in self.store_cuts if store.offset < cut < end), end)
        return tuple(Write(low, store.data[low - store.offset : high - store.offset]) for low, high in pairwise(edges))

    def commit(self, state: State) -> Iterator[Successor]:
        """The oldest store commits, its chunks in any order."""
        if not state.buffer:
            return
        oldest, *younger = state.buffer
        for index, write in enumerate(oldest):
            left = oldest[:index] + oldest[index + 1 :]
            buffer = (left, *younger) if left else tuple(younger)
            yield f"commit {write}", self.visible(state._replace(buffer=buffer), write), ""

    def visible(self, state: State, write: Write) -> State:
        """Memory takes the write; every executor now has bytes that another CPU stored."""
        if write.place == ARMED:
            return state._replace(armed=write.data[0])
        if write.place == STOP:
            return state._replace(stop=write.data[0])
        end = write.place + len(write.data)
        executors = state.executors
        if self.profile.ub:
            executors = tuple(
                executor._replace(
                    dirty=executor.dirty | frozenset(range(write.place, end)),
                    first=executor.first + write.data[:1] if write.place == 0 else executor.first,
                )
                for executor in executors
            )
        text = state.text[: write.place] + write.data + state.text[end:]
        return state._replace(text=text, executors=executors)

    # The patcher.

    def patcher(self, state: State, step: Step) -> Iterator[Successor]:
        following = state._replace(pc=state.pc + 1, waiting=False)
        match step:
            case Delay():
                yield "P: delay", following, ""
            case Arm():
                yield "P: arm", self.buffered(following, (Write(ARMED, b"\1"),)), ""
            case Disarm():
                yield "P: disarm", self.buffered(following, (Write(ARMED, b"\0"),)), ""
            case StopEnd(serialize):
                how = bytes([RUN_SERIALIZED if serialize else RUN])
                yield "P: release", self.buffered(following, (Write(STOP, how),)), ""
            case Store(locked=False):
                yield f"P: {step}", self.buffered(following, self.split(step)), ""
            case Store(offset, data):
                if not state.buffer:
                    yield f"P: {step}", self.visible(following, Write(offset, data)), ""
            case Sync() | WaitQuiescent():
                yield from self.rendezvous(state, "ipi" if isinstance(step, Sync) else "pass", following)
            case StopBegin():
                if not state.waiting:
                    halt = (Write(STOP, bytes([HALT])),)
                    yield "P: stop", self.buffered(state._replace(waiting=True), halt), ""
                elif not state.buffer and all(executor.at == "stopped" for executor in state.executors):
                    yield "P: all stopped", following, ""

    def buffered(self, state: State, chunks: tuple[Write, ...]) -> State:
        return state._replace(buffer=(*state.buffer, chunks))

    def rendezvous(self, state: State, what: str, following: State) -> Iterator[Successor]:
        """Drain, ask every executor, wait for every executor."""
        if not state.waiting:
            if not state.buffer:
                asked = tuple(executor._replace(owes=what) for executor in state.executors)
                yield f"P: ask for {what}", state._replace(waiting=True, executors=asked), ""
        elif not any(executor.owes for executor in state.executors):
            yield f"P: every {what} came", following, ""

    # The executors.

    def executor(self, state: State, me: Executor) -> Iterator[tuple[str, Executor | None, str]]:
        match me.at:
            case "site":
                yield from self.fetch(state, me)
            case "loop":
                at = "stopped" if state.stop == HALT else self.after_loop
                yield "loop", me._replace(at=at, owes="" if me.owes == "pass" else me.owes), ""
            case "loop2":
                yield "loop2", me._replace(at="site"), ""
            case "stopped":
                if state.stop != HALT:
                    free = self.flushed(state, me) if state.stop == RUN_SERIALIZED else me
                    yield "leaves the stop loop", free._replace(at="site"), ""
            case "bp":
                found = me._replace(at="bp_iret")
                yield "#BP handler", found if state.armed else None, "" if state.armed else "nohandler"
            case "bp_iret":
                yield "#BP iret, emulated new", self.flushed(state, me)._replace(at="loop"), ""
            case "ipi":
                yield "IPI sync_core", self.flushed(state, me)._replace(at="ipi_ack"), ""
            case "ipi_ack":
                yield "IPI ack", me._replace(at="ipi_iret", owes=""), ""
            case "ipi_iret":
                yield "IPI iret", self.flushed(state, me)._replace(at=me.back, back=""), ""
        if me.at in INTERRUPTIBLE:
            yield from self.deliver(me)
        if me.at in FETCHING:
            yield from self.prefetch(state, me)

    # R2: fetch.

    def fetch(self, state: State, me: Executor) -> Iterator[tuple[str, Executor | None, str]]:
        """One more granule; the one that completes the instruction is read in the moment of its execution."""
        number, (low, high) = next(each for each in enumerate(self.granules) if each[1][0] == len(me.partial))
        granule, held = state.text[low:high], me.held
        if self.profile.age == "P":
            granule = held[number] or granule
            held = (*held[:number], granule, *held[number + 1 :])
        elif held:
            granule, held = held[0], held[1:]
        read = me.partial + granule
        whole = instruction(read)
        if whole:
            yield from self.execute(state, me._replace(partial=b"", held=held), whole)
        elif doomed(read) and not self.profile.ub:
            yield f"fetches {read.hex()}..., which is torn", None, "torn"
        else:
            yield f"fetches {read.hex()}...", me._replace(partial=read, held=held), ""

    # R3: prefetch, evict.

    def prefetch(self, state: State, me: Executor) -> Iterator[tuple[str, Executor, str]]:
        if self.profile.age == "P":
            for number, (low, high) in enumerate(self.granules):
                copy, event = (b"", "evicts") if me.held[number] else (state.text[low:high], "prefetches")
                held = (*me.held[:number], copy, *me.held[number + 1 :])
                yield f"{event} granule {number}", me._replace(held=held), ""
        elif self.profile.age == "Q" and len(me.held) < self.queue:
            read = me.partial
            for granule in me.held:
                read += granule
                whole = instruction(read)
                if whole == INT3:
                    return  # a trap follows, and the IRET that ends it empties the queue
                read = b"" if whole else read
            low, high = next((lo, hi) for lo, hi in self.granules if lo == len(read))
            yield f"runs ahead {low}..{high}", me._replace(held=(*me.held, state.text[low:high])), ""

    # R4: execute.

    def execute(self, state: State, me: Executor, whole: bytes) -> Iterator[tuple[str, Executor | None, str]]:
        for chosen in self.readings(state, me, whole):
            if chosen is None:
                yield "executes bytes not synchronized", None, "UB"
                continue
            kind = KINDS.get(chosen, "torn")
            if kind == "torn":
                yield f"executes {chosen.hex()}", None, "torn"
                continue
            at = {"old": "loop", "new": "loop", "int3": "bp", "self": "site"}[kind]
            stale = self.done(state) and kind != "new"
            yield f"executes {kind}", me._replace(at=at), kind if stale else ""

    # R5: flush.

    def flushed(self, state: State, me: Executor) -> Executor:
        first = state.text[:1] if self.profile.ub else b""
        return me._replace(partial=b"", held=self.empty, dirty=frozenset(), first=first)

    # R6: deliver.

    def deliver(self, me: Executor) -> Iterator[tuple[str, Executor, str]]:
        if me.owes == "ipi":
            yield "IPI delivered", me._replace(at="ipi", back=me.at, partial=b"", owes="ack"), ""

    # R7: ub.

    def readings(self, state: State, me: Executor, whole: bytes) -> list[bytes | None]:
        """The instructions these bytes may turn out to be; None: undefined."""
        covered = me.dirty & frozenset(range(len(whole)))
        if not covered:
            return [whole]
        stores = pairwise(me.first)
        if covered != {0} or not all(INT3[0] in (old, new) for old, new in stores):
            return [None]
        # Only the first byte is unsynchronized, and each store to it wrote or replaced an INT3.
        readings: list[bytes | None] = []
        for first in sorted(set(me.first)):
            chosen = instruction(bytes([first]) + state.text[1:])
            unsynchronized = me.dirty & frozenset(range(1, len(chosen)))
            readings.append(None if unsynchronized else chosen)
        return readings


class Result(NamedTuple):
    """All labels that are reachable, whether the patcher can finish, and how many states there were."""

    labels: frozenset[str]
    finishes: bool
    states: int


@lru_cache(maxsize=4096)
def _search(
    protocol: Protocol, geometry: Geometry, profile: Profile, executors: int, queue: int, boundaries: int
) -> Result:
    machine = Machine(protocol, geometry, profile, executors, queue, boundaries)
    seen = {machine.start}
    frontier = deque(seen)
    labels: set[str] = set()
    finishes = False
    while frontier:
        state = frontier.popleft()
        finishes = finishes or machine.done(state)
        for _event, following, report in machine.successors(state):
            if report:
                labels.add(report)
            if following is not None and following not in seen:
                seen.add(following)
                frontier.append(following)
    return Result(frozenset(labels), finishes, len(seen))


def explore(
    protocol: Protocol, address: int, profile: str, executors: int = 1, queue: int = 3, boundaries: int = 1
) -> Result:
    """Visit everything that a protocol can lead to, for a site at an address, under a profile (a letter).

    `queue` bounds how many executions of the site the queue (age Q) may be ahead, however many granules.
    """
    chosen = PROFILES[profile]
    return _search(protocol, Geometry.of(address, chosen), chosen, executors, queue, boundaries)


def verdict(protocol: Protocol, address: int, profile: str, executors: int = 1) -> frozenset[str]:
    """Violations (`UB`, `torn`, `nohandler`), and what may be executed after done (`int3`, `old`, `self`)."""
    return explore(protocol, address, profile, executors).labels


def trace(protocol: Protocol, address: int, profile: str, label: str, executors: int = 1) -> list[str]:
    """The shortest way to this label, as a list of events; empty if there is none."""
    chosen = PROFILES[profile]
    machine = Machine(protocol, Geometry.of(address, chosen), chosen, executors, queue=3, boundaries=1)
    paths: dict[State, tuple[State, str] | None] = {machine.start: None}
    frontier = deque(paths)
    while frontier:
        state = frontier.popleft()
        for event, following, report in machine.successors(state):
            if report == label:
                return _events(paths, state, event)
            if following is not None and following not in paths:
                paths[following] = (state, event)
                frontier.append(following)
    return []


def _events(paths: dict[State, tuple[State, str] | None], state: State, last: str) -> list[str]:
    events = [last]
    while (step := paths[state]) is not None:
        state, event = step
        events.append(event)
    return events[::-1]


def cell(labels: frozenset[str]) -> str:
    """The verdict as the table writes it: `torn`, `UB+torn`, `NOHANDLER`, `ok`, `ok/int3,old`."""
    found = [name for name in VIOLATIONS if name in labels]
    if found:
        return "+".join("NOHANDLER" if name == "nohandler" else name for name in found)
    return "/".join(["ok", ",".join(sorted(labels))] if labels else ["ok"])
