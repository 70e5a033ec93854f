"""The oracle against counts made by hand, the published table, the order of the profiles, and silicon."""

import ast
from pathlib import Path
from random import Random

import pytest

from tests.oracle import explore as search
from tests.oracle.explore import VIOLATIONS, cell, explore, trace, verdict
from tests.oracle.litmus import Program, outcomes
from tests.oracle.model import (
    INT3,
    NEW,
    OLD,
    ORDER,
    PROFILES,
    SITE,
    Arm,
    Disarm,
    Geometry,
    Protocol,
    Step,
    StopBegin,
    StopEnd,
    Store,
    Sync,
    WaitQuiescent,
)
from tests.oracle.protocols import BREAKPOINT, HEAD, PROTOCOLS, SUBSETS, int3
from tests.oracle.table import DIFFERENCES, PLACEMENTS, PUBLISHED, PUBLISHED_Q, catalogue, expected, placement

NOTHING = Protocol("nothing", ())
ADDRESSES = tuple(address for addresses in PLACEMENTS.values() for address in addresses)


def test_it_does_not_know_the_simulator() -> None:
    for path in Path(__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "simulator"], path


@pytest.mark.parametrize(
    ("address", "fetch", "store"),
    [(0, (), ()), (5, (), ()), (63, (1,), (1,)), (62, (2,), (2,)), (60, (4,), (4,)), (30, (), (2,))],
)
def test_a_placement_is_where_its_bytes_are_cut(address: int, fetch: tuple[int, ...], store: tuple[int, ...]) -> None:
    assert Geometry.of(address, PROFILES["Z"]) == Geometry(fetch, store)
    assert Geometry.of(address, PROFILES["A"]) == Geometry((), ())
    assert Geometry.of(address, PROFILES["D"]) == Geometry((1, 2, 3, 4), (1, 2, 3, 4))


def test_a_qword_cuts_after_three_bytes_at_five() -> None:
    assert Geometry.of(5, PROFILES["C"]) == Geometry((3,), (3,))


@pytest.mark.parametrize(
    ("protocol", "address", "profile", "states"),
    [
        # The executor is at the site or at the loop boundary.
        (NOTHING, 0, "A", 2),
        # ... or at the site with the first line read.
        (NOTHING, 62, "B", 3),
        # ... or at the site with 1, 2, 3 or 4 bytes read.
        (NOTHING, 0, "D", 6),
        # The two, times a granule that is absent or held.
        (NOTHING, 0, "E", 4),
        # The two, times a queue of 0 to 3 granules.
        (NOTHING, 0, "Q", 8),
        # The two, before and after a store that commits at once.
        (PROTOCOLS["locked8"], 0, "A", 4),
        # The two, with the store not issued, buffered, committed.
        (PROTOCOLS["store8"], 0, "A", 6),
        # The same across a line: site, loop, or the old head read, with the store not issued: 3; buffered: 3;
        # its tail visible: 3; its head visible, so that the new head may have been read: 4; all visible: 4.
        (PROTOCOLS["store8"], 62, "B", 17),
        # Before the IPI 2; pending 2; delivered or flushed, times where it returns to: 4; acknowledged, in
        # the handler 2 and out of it 2; those four again with the patcher done.
        (Protocol("sync", (Sync(),)), 0, "A", 16),
        # Before 2; asked 2; passed (at the site, and the loop boundary reached again) 2; done 2.
        (Protocol("quiet", (WaitQuiescent(),)), 0, "A", 8),
        # Running, no request 2; buffered 2; visible: site, loop, stopped 3; done: stopped 1.
        (Protocol("halt", (StopBegin(),)), 0, "A", 8),
    ],
)
def test_states_counted_by_hand(protocol: Protocol, address: int, profile: str, states: int) -> None:
    assert explore(protocol, address, profile).states == states


def test_executors_multiply() -> None:
    assert explore(NOTHING, 0, "A", executors=2).states == 2**2
    assert explore(NOTHING, 0, "Q", executors=2).states == 8**2


def test_a_sync_with_everyone_stopped_never_ends() -> None:
    assert not explore(Protocol("stuck", (StopBegin(), Sync())), 0, "A").finishes


def test_a_store_stays_inside_the_site() -> None:
    with pytest.raises(ValueError, match="not inside the site"):
        Store(1, NEW)


def test_shortest_traces_are_printed() -> None:
    events = trace(PROTOCOLS["store8"], 62, "B", "torn")
    assert [event.split(" ")[0] for event in events] == ["P:", "commit", "E0:", "E0:"]
    assert trace(PROTOCOLS["int3:123"], 62, "B", "torn") == []


# The table.


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_cell_is_the_exact_one(name: str) -> None:
    for where, addresses in PLACEMENTS.items():
        for address in addresses:
            found = {profile: cell(verdict(PROTOCOLS[name], address, profile)) for profile in PROFILES}
            assert found == expected(name, where), (name, address)


@pytest.mark.parametrize(("name", "where"), PUBLISHED)
def test_the_page_says_the_same(name: str, where: str) -> None:
    printed = PUBLISHED[name, where]
    printed = printed | {"Q": PUBLISHED_Q.get((name, where), printed["C"])}
    for actual in PLACEMENTS if where == "any" else (where,):
        exact = expected(name, actual)
        differ = {profile for profile, text in printed.items() if exact[profile] != text}
        if PUBLISHED_Q.get((name, where)) is None and "C" in differ:
            differ.discard("Q")
        assert differ == {profile for profile in printed if (name, where, profile) in DIFFERENCES}
        for profile in differ:
            assert exact[profile].split("/")[0].split("+")[0] == printed[profile].split("/")[0].split("+")[0]


@pytest.mark.parametrize(("name", "address", "label", "letters"), catalogue())
def test_the_catalogue_says_the_same(name: str, address: int, label: str, letters: dict[str, str]) -> None:
    for profile, letter in letters.items():
        labels = verdict(PROTOCOLS[name], address, profile)
        reached = bool(labels) if label == "torn or stale" else label in labels
        undefined = "UB" in labels
        assert ("U" if undefined else "y" if reached else "n") == letter, profile


def test_every_address_has_the_cells_of_its_class() -> None:
    """Which boundary is crossed decides, not where in the five bytes it lies."""
    for name in ("store8", "int3:none", "int3:13", "stop-store8", "locked8"):
        for address in range(64):
            for profile in "ABZCQEFX":
                got = cell(verdict(PROTOCOLS[name], address, profile))
                assert got == expected(name, placement(address))[profile], (name, address, profile)


def test_every_protocol_can_finish() -> None:
    for protocol in PROTOCOLS.values():
        for profile in PROFILES:
            assert explore(protocol, 62, profile).finishes, (protocol.name, profile)


@pytest.mark.parametrize(("lower", "higher"), ORDER)
def test_what_a_profile_allows_every_higher_one_allows(lower: str, higher: str) -> None:
    for protocol in PROTOCOLS.values():
        for address in ADDRESSES:
            below, above = verdict(protocol, address, lower), verdict(protocol, address, higher)
            assert below & set(VIOLATIONS) <= above, (protocol.name, address)
            assert below <= above, (protocol.name, address)


def random_protocol(random: Random) -> Protocol:
    """A few steps: stores of any part of the old or the new bytes, breakpoints, syncs, the handler's flag."""

    def part() -> Store:
        low = random.randrange(SITE)
        high = random.randint(low + 1, SITE)
        return Store(low, random.choice((OLD, NEW, NEW))[low:high], locked=random.random() < 0.2)

    def step() -> Step:
        makers = (part, part, lambda: BREAKPOINT, lambda: HEAD, Sync, Arm, Disarm, WaitQuiescent)
        return random.choice(makers)()

    steps = [step() for _ in range(random.randint(1, 6))]
    if random.random() < 0.2:
        stores = [each for each in steps if isinstance(each, Store)]
        steps = [StopBegin(), *stores, StopEnd(serialize=random.random() < 0.5)]
    return Protocol("random", tuple(steps))


@pytest.mark.parametrize("seed", range(60))
def test_the_order_holds_for_random_protocols(seed: int) -> None:
    """And where strict Intel has no undefined run, all that F allows is there too."""
    protocol = random_protocol(Random(seed))
    passes = sum(isinstance(step, WaitQuiescent) for step in protocol.steps)
    order = [pair for pair in ORDER if "G" not in pair and (pair != ("Q", "F") or passes < 2)]
    for address in (0, 5, 62, 30):
        found = {profile: verdict(protocol, address, profile) for profile in PROFILES if profile != "G"}
        for lower, higher in order:
            assert found[lower] <= found[higher], (protocol, address, lower, higher)
        assert "UB" in found["X"] or found["F"] <= found["X"], (protocol, address)


def test_a_queue_can_hold_what_a_stale_granule_cannot() -> None:
    """Where Q<=F fails: note 7 of the table."""
    wait = WaitQuiescent()
    for waits, under_f in (((), True), ((wait,), True), ((wait, wait), False)):
        protocol = Protocol("waits", (*int3("").steps, *waits, Disarm()))
        assert "nohandler" in verdict(protocol, 0, "Q")
        assert ("nohandler" in verdict(protocol, 0, "F")) == under_f
    assert trace(protocol, 0, "Q", "nohandler")
    assert cell(verdict(protocol, 0, "F")) == "ok/old"


def test_a_locked_store_commits_after_the_earlier_ones() -> None:
    protocol = Protocol("locked", (Arm(), Store(0, INT3, locked=True)))
    for profile in "ABC":
        assert verdict(protocol, 0, profile) == {"int3"}


# What must not matter.

SOME = ("store8", "int3:none", "int3:13", "int3:123", "disarm-before-3", "jmp-self", "stop-store8")


@pytest.mark.parametrize("name", SOME)
def test_two_loop_boundaries_change_nothing(name: str) -> None:
    for profile in "ABZCQEFX":
        assert explore(PROTOCOLS[name], 62, profile, boundaries=2).labels == verdict(PROTOCOLS[name], 62, profile)


@pytest.mark.parametrize("name", SOME)
def test_a_longer_queue_changes_nothing(name: str) -> None:
    for profile in "ZQ":
        for queue in (2, 4, 5):
            assert explore(PROTOCOLS[name], 62, profile, queue=queue).labels == verdict(PROTOCOLS[name], 62, profile)


@pytest.mark.parametrize("name", SOME)
def test_naming_a_tear_early_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fetch that can only become torn is reported at once; here it is read to its end instead."""
    monkeypatch.setattr(search, "doomed", lambda read: False)
    for profile in "BZCQDEF":
        chosen = PROFILES[profile]
        literal = search._search.__wrapped__(PROTOCOLS[name], Geometry.of(62, chosen), chosen, 1, 3, 1)
        assert literal.labels == verdict(PROTOCOLS[name], 62, profile), profile


@pytest.mark.parametrize("name", SOME)
def test_prefetching_in_handlers_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    handlers = ("bp", "bp_iret", "ipi", "ipi_ack", "ipi_iret")
    monkeypatch.setattr(search, "FETCHING", (*search.FETCHING, *handlers))
    for profile in "EFX":
        chosen = PROFILES[profile]
        literal = search._search.__wrapped__(PROTOCOLS[name], Geometry.of(62, chosen), chosen, 1, 3, 1)
        assert literal.labels == verdict(PROTOCOLS[name], 62, profile), profile


@pytest.mark.slow
@pytest.mark.parametrize("name", ["store8", "int3:none", "int3:13", "int3:123", "disarm-before-3", "stop-store8"])
def test_a_second_executor_changes_nothing(name: str) -> None:
    """They share only the patcher, so each of two executors can do what one alone can, and no more."""
    for profile in "ABZCQDEF":
        assert verdict(PROTOCOLS[name], 62, profile, executors=2) == verdict(PROTOCOLS[name], 62, profile), profile


# Silicon: four gates for zen3.

LINE = (60, 61, 62, 63)


@pytest.mark.parametrize("name", ["store8", "store8+sync", "locked8", "locked8+sync"])
def test_gate_1_any_single_store_tears_across_a_line(name: str) -> None:
    assert all("torn" in verdict(PROTOCOLS[name], address, "Z") for address in LINE)


@pytest.mark.parametrize("syncs", SUBSETS)
def test_gate_2_the_first_sync_decides(syncs: str) -> None:
    for address in LINE:
        assert ("torn" in verdict(int3(syncs), address, "Z")) == ("1" not in syncs)
    assert "torn" not in verdict(int3(syncs), 30, "Z")


def test_gate_3_only_a_plain_store_splits_at_32_bytes() -> None:
    for address in range(64 - SITE + 1):
        crosses = placement(address) == "across half line"
        assert ("torn" in verdict(PROTOCOLS["store8"], address, "Z")) == crosses
        assert "torn" not in verdict(PROTOCOLS["locked8"], address, "Z")


def store_buffering(*barrier: str) -> tuple[Program, Program]:
    return ("store y", *barrier, "exec x"), ("store x", "mfence", "load y")


@pytest.mark.parametrize("profile", PROFILES)
def test_gate_4_a_lock_orders_loads_but_not_fetches(profile: str) -> None:
    """Seen on silicon with LOCK, never with MFENCE: that refutes age 0."""
    age = PROFILES[profile].age
    with_lock, with_mfence = (outcomes(*store_buffering(barrier), age=age, amd=True) for barrier in ("lock", "mfence"))
    assert ((0, 0) in with_lock) == (age != "0")
    assert (0, 0) not in with_mfence
    assert (0, 1) in with_mfence and (1, 0) in with_mfence and (1, 1) in with_mfence


FLAG = ("store x", "store f")

# Section 5.1 of the research page: threads, outcome, and whether it is reachable at age 0, Q, P.
CATALOGUE: list[tuple[str, tuple[Program, ...], tuple[int, ...], bool, str]] = [
    ("CoFF", (("store x",), ("exec x", "exec x")), (1, 0), True, "nnn"),
    ("CoRF", (("store x",), ("load x", "exec x")), (1, 0), True, "nyy"),
    ("CoFR", (("store x",), ("exec x", "load x")), (1, 0), True, "nnn"),
    ("MP.RF", (FLAG, ("load f", "exec x")), (1, 0), True, "nyy"),
    ("MP.RF+cpuid", (FLAG, ("load f", "cpuid", "exec x")), (1, 0), True, "nnn"),
    ("MP.RF+lfence", (FLAG, ("load f", "lfence", "exec x")), (1, 0), True, "nyy"),
    ("MP.RF+lock", (FLAG, ("load f", "lock", "exec x")), (1, 0), True, "nyy"),
    ("MP.RF+mfence, AMD", (FLAG, ("load f", "mfence", "exec x")), (1, 0), True, "nnn"),
    ("MP.RF+mfence, Intel", (FLAG, ("load f", "mfence", "exec x")), (1, 0), False, "nyy"),
    ("MP.FF", (("store x", "store y"), ("exec y", "exec x")), (1, 0), True, "nny"),
    ("MP.FR", (("store x", "store y"), ("exec y", "load x")), (1, 0), True, "nnn"),
    ("SB.F", (("store x", "exec y"), ("store y", "exec x")), (0, 0), True, "yyy"),
    (
        "SB.F+mfence, Intel",
        (("store x", "mfence", "exec y"), ("store y", "mfence", "exec x")),
        (0, 0),
        False,
        "nyy",
    ),
    ("SB.F+cpuid", (("store x", "cpuid", "exec y"), ("store y", "cpuid", "exec x")), (0, 0), True, "nnn"),
    ("LB.F", (("exec x", "store y"), ("exec y", "store x")), (1, 1), True, "nnn"),
]


@pytest.mark.parametrize(("name", "threads", "outcome", "amd", "reached"), CATALOGUE)
def test_the_litmus_catalogue_says_the_same(
    name: str, threads: tuple[Program, ...], outcome: tuple[int, ...], amd: bool, reached: str
) -> None:
    for age, letter in zip("0QP", reached, strict=True):
        assert (outcome in outcomes(*threads, age=age, amd=amd)) == (letter == "y"), (name, age)
