"""Litmus tests: what x86-TSO allows for data, and section 5.1 of the fetch catalogue for instructions.

Verdicts for data: Owens, Sarkar, Sewell, "A Better x86 Memory Model: x86-TSO" (TPHOLs 2009). Verdicts for fetch:
docs/fetch-profiles.md, one profile for each age of a fetch (read when executed, run ahead, held stale) and the
strict one, where U is an execution that is undefined.
"""

import pytest

from simulator.machine.events import Undefined
from simulator.machine.profiles import PROFILES
from tests.semantics.bare import ALIAS, TEXT, bare, every_end, outcomes, register

# data ----------------------------------------------------------------------------------------------------

WRITE_X, WRITE_Y = "mov byte ptr [r14], 1", "mov byte ptr [r15], 1"


def read(what: str, into: str) -> str:
    return f"movzx {into}, byte ptr [{'r14' if what == 'x' else 'r15'}]"


def run(*threads: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("\n".join((*thread, "hlt")) for thread in threads)


READ_X, READ_Y = read("x", "eax"), read("y", "eax")
READER_XY = (read("x", "eax"), read("y", "ebx"))
READER_YX = (read("y", "eax"), read("x", "ebx"))
LOCK = "lock inc dword ptr [r14+16]"
A0, B0, A1, B1, A2, B2, A3, B3 = ((cpu, name) for cpu in range(4) for name in ("rax", "rbx"))

DATA = {
    # name: threads, what is looked at, the outcome, whether x86-TSO allows it, whether SC does
    "SB": (run((WRITE_X, READ_Y), (WRITE_Y, READ_X)), (A0, A1), (0, 0), True, False),
    "SB+mfences": (run((WRITE_X, "mfence", READ_Y), (WRITE_Y, "mfence", READ_X)), (A0, A1), (0, 0), False, False),
    "SB+mfence": (run((WRITE_X, "mfence", READ_Y), (WRITE_Y, READ_X)), (A0, A1), (0, 0), True, False),
    "SB+locks": (run((WRITE_X, LOCK, READ_Y), (WRITE_Y, LOCK, READ_X)), (A0, A1), (0, 0), False, False),
    "SB+lfences": (run((WRITE_X, "lfence", READ_Y), (WRITE_Y, "lfence", READ_X)), (A0, A1), (0, 0), True, False),
    "MP": (run((WRITE_X, WRITE_Y), READER_YX), (A1, B1), (1, 0), False, False),
    "LB": (run((READ_X, WRITE_Y), (READ_Y, WRITE_X)), (A0, A1), (1, 1), False, False),
    "CoRR": (run((WRITE_X,), (READ_X, read("x", "ebx"))), (A1, B1), (1, 0), False, False),
    "n6": (
        run((WRITE_X, READ_X, read("y", "ebx")), (WRITE_Y, "mov byte ptr [r14], 2", read("x", "eax"))),
        (A0, B0, A1), (1, 0, 1), True, False,
    ),
    "SB+forwarding": (
        run((WRITE_X, READ_X, read("y", "ebx")), (WRITE_Y, READ_Y, read("x", "ebx"))),
        (A0, B0, A1, B1), (1, 0, 1, 0), True, False,
    ),
    "IRIW": (run((WRITE_X,), (WRITE_Y,), READER_XY, READER_YX), (A2, B2, A3, B3), (1, 0, 1, 0), False, False),
    "WRC": (run((WRITE_X,), (READ_X, WRITE_Y), READER_YX), (A1, A2, B2), (1, 1, 0), False, False),
}  # fmt: skip


@pytest.mark.parametrize("name", DATA)
def test_the_outcome_is_reachable_exactly_where_tso_allows_it(name: str) -> None:
    threads, looked_at, outcome, tso, _ = DATA[name]
    assert (outcome in outcomes(bare(*threads), *looked_at)) is tso


@pytest.mark.parametrize("name", DATA)
def test_the_outcome_is_reachable_exactly_where_sc_allows_it(name: str) -> None:
    threads, looked_at, outcome, _, sc = DATA[name]
    assert (outcome in outcomes(bare(*threads, data_model="sc"), *looked_at)) is sc


def test_every_sequential_outcome_of_store_buffering_is_there() -> None:
    threads, looked_at, *_ = DATA["SB"]
    assert outcomes(bare(*threads), *looked_at) == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_locked_increments_are_never_lost_and_plain_ones_are() -> None:
    def totals(prefix: str) -> frozenset[int]:
        ends, _ = every_end(bare(*[f"{prefix}inc byte ptr [r14]\nhlt"] * 2))
        return frozenset(value for state in ends for _, value in state.memory)

    assert totals("lock ") == {2}
    assert totals("") == {1, 2}


# fetch ---------------------------------------------------------------------------------------------------

SITE_X, SITE_Y = 0, 0x80
FUNCTION = b"\xbb\x00\x00\x00\x00\xc3"
"""MOV EBX, 0; RET. The patch makes it MOV EBX, 1: the instruction says by itself whether it is the new one."""
FETCHED = FUNCTION + bytes(SITE_Y - len(FUNCTION)) + FUNCTION
MUTABLE = ((SITE_X + 1, SITE_X + 2), (SITE_Y + 1, SITE_Y + 2))

PATCH_X, PATCH_Y = (f"mov byte ptr [r13+{site + 1}], 1" for site in (SITE_X, SITE_Y))
FLAG = WRITE_X
WAIT = "wait:\nmovzx eax, byte ptr [r14]\ntest eax, eax\nje over"
"""Goes on only if the flag is seen."""
PEEK = f"movzx eax, byte ptr [r12+{SITE_X + 1}]"


def execute(site: int, into: str = "r8d") -> str:
    return f"call {TEXT + site:#x}\nmov {into}, ebx"


def flagged(*between: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (PATCH_X, FLAG), ("mov r8d, 7", WAIT, *between, execute(SITE_X), "over:")


CPUID = "xor eax, eax\ncpuid"
OLD_OLD = (0, 0)
FETCH = {
    # name: threads, what is looked at, the outcome, whether it is reachable under coherent, zen3, stale64, strict
    "CoFF": (((PATCH_X,), (execute(SITE_X), execute(SITE_X, "r9d"))), ((1, "r8"), (1, "r9")), (1, 0), "nnnU"),
    "CoRF": (
        ((PATCH_X,), ("mov r8d, 7", PEEK, "test eax, eax\nje over", execute(SITE_X), "over:")),
        ((1, "r8"),), (0,), "nyyU",
    ),
    "CoFR": (((PATCH_X,), (execute(SITE_X), PEEK)), ((1, "r8"), (1, "rax")), (1, 0), "nnnU"),
    "MP.RF": (flagged(), ((1, "r8"),), (0,), "nyyU"),
    "MP.RF+cpuid": (flagged(CPUID), ((1, "r8"),), (0,), "nnnn"),
    "MP.RF+serialize": (flagged("serialize"), ((1, "r8"),), (0,), "nnnn"),
    "MP.RF+lfence": (flagged("lfence"), ((1, "r8"),), (0,), "nyyU"),
    "MP.RF+lock": (flagged(LOCK), ((1, "r8"),), (0,), "nyyU"),
    "MP.RF+mfence": (flagged("mfence"), ((1, "r8"),), (0,), "nnyU"),
    "MP.FF": (
        ((PATCH_X, PATCH_Y), (execute(SITE_Y), execute(SITE_X, "r9d"))), ((1, "r8"), (1, "r9")), (1, 0), "nnyU",
    ),
    "MP.FR": (((PATCH_X, PATCH_Y), (execute(SITE_Y), PEEK)), ((1, "r8"), (1, "rax")), (1, 0), "nnnU"),
    "SB.F": (
        ((PATCH_X, execute(SITE_Y)), (PATCH_Y, execute(SITE_X))), ((0, "r8"), (1, "r8")), OLD_OLD, "yyyU",
    ),
    "SB.F+cpuid": (
        ((PATCH_X, CPUID, execute(SITE_Y)), (PATCH_Y, CPUID, execute(SITE_X))), ((0, "r8"), (1, "r8")), OLD_OLD, "nnnU",
    ),
    "SB.F+mfence": (
        ((PATCH_X, "mfence", execute(SITE_Y)), (PATCH_Y, "mfence", execute(SITE_X))),
        ((0, "r8"), (1, "r8")), OLD_OLD, "nnyU",
    ),
    "LB.F": (((execute(SITE_X), PATCH_Y), (execute(SITE_Y), PATCH_X)), ((0, "r8"), (1, "r8")), (1, 1), "nnnU"),
    "gate 4, lock": (
        ((WRITE_Y, LOCK, execute(SITE_X)), (PATCH_X, "mfence", READ_Y)), ((0, "r8"), (1, "rax")), OLD_OLD, "nyyU",
    ),
    "gate 4, mfence": (
        ((WRITE_Y, "mfence", execute(SITE_X)), (PATCH_X, "mfence", READ_Y)), ((0, "r8"), (1, "rax")), OLD_OLD, "nnyU",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("number", "profile"), [(0, "coherent"), (1, "zen3"), (2, "stale64")])
@pytest.mark.parametrize("name", FETCH)
def test_the_fetch_outcome_is_reachable_exactly_where_the_catalogue_says(name: str, number: int, profile: str) -> None:
    threads, looked_at, outcome, letters = FETCH[name]
    here = bare(*run(*threads), profile=profile, text=FETCHED, mutable=MUTABLE)
    assert (outcome in outcomes(here, *looked_at)) is (letters[number] == "y")


@pytest.mark.parametrize("name", FETCH)
def test_the_strict_profile_calls_it_undefined_exactly_where_the_catalogue_says(name: str) -> None:
    threads, _, _, letters = FETCH[name]
    here = bare(*run(*threads), profile="intel-strict", text=FETCHED, mutable=MUTABLE)
    _, events = every_end(here)
    assert any(isinstance(event, Undefined) for event in events) is (letters[3] == "U")


def own(profile: str, through: int, *between: str) -> frozenset[int]:
    """What a CPU executes behind a store of its own: 0 the old instruction, 1 the new one."""
    store = f"mov rdi, {through + SITE_X + 1:#x}\nmov byte ptr [rdi], 1"
    program = (execute(SITE_X, "r9d"), store, *between, execute(SITE_X))
    ends, events = every_end(bare(*run(program), profile=profile, text=FETCHED, mutable=MUTABLE))
    assert not any(isinstance(event, Undefined) for event in events)
    return frozenset(register(state.vcpus[0], "r8") for state in ends)


@pytest.mark.parametrize("profile", PROFILES)
def test_an_own_store_is_seen_by_the_own_fetch(profile: str) -> None:
    assert own(profile, TEXT) == {1}


@pytest.mark.parametrize("profile", PROFILES)
def test_an_own_store_through_the_alias_is_seen_unless_fetch_may_be_stale(profile: str) -> None:
    assert own(profile, ALIAS) == ({0, 1} if PROFILES[profile].letter in "EFGX" else {1})


@pytest.mark.parametrize("profile", PROFILES)
def test_cpuid_makes_an_own_store_through_the_alias_seen(profile: str) -> None:
    assert own(profile, ALIAS, CPUID) == {1}
