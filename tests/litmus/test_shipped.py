"""The shipped litmus tests come to what they say, and they are the catalogue."""

from functools import cache
from itertools import chain

import pytest

from simulator.litmus import Answer, Verdict, ask, find, shipped
from simulator.litmus.build import build
from simulator.litmus.catalogue import load
from simulator.litmus.condition import Quantifier
from simulator.litmus.outcomes import executed
from simulator.machine.events import Executed, Undefined
from simulator.machine.profiles import INCLUSIONS, PROFILES
from tests.litmus.catalogue import COLUMNS, DEVIATIONS, ROWS, expected
from tests.oracle.litmus import outcomes as of_the_oracle
from tests.semantics.guests import engine

FILES = {path.stem: path for path in shipped()}
TESTS = dict(chain.from_iterable(row.items() for row in ROWS.values()))
LETTER = {profile.letter: name for name, profile in PROFILES.items()}
WORDS = {"y": True, "n": False}


@cache
def answer(name: str, profile: str) -> Answer:
    return ask(find(name).litmus, profile, engine())


def reachable(verdict: Verdict, quantifier: Quantifier) -> str:
    """Return the letter that the catalogue would write for a verdict."""
    if verdict is Verdict.UNDEFINED:
        return "U"
    return "y" if (verdict is Verdict.OK) is (quantifier is Quantifier.EXISTS) else "n"


@pytest.mark.parametrize("name", FILES)
def test_every_verdict_is_the_one_that_the_file_expects(name: str) -> None:
    litmus = load(FILES[name]).litmus
    found = {profile: ask(litmus, profile, engine()).verdict for profile in PROFILES}
    assert found == {profile: litmus.expected(profile) for profile in PROFILES}


@pytest.mark.parametrize("name", FILES)
def test_what_a_file_expects_of_a_fetch_model_it_expects_of_every_higher_one(name: str) -> None:
    litmus = load(FILES[name]).litmus
    letters = {profile: reachable(litmus.expected(profile), litmus.condition.quantifier) for profile in PROFILES}
    assert [(low, high) for low, high in INCLUSIONS if letters[low] == "y" and letters[high] == "n"] == []


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_named_after_its_test_and_says_why(name: str) -> None:
    litmus = load(FILES[name]).litmus
    assert name.lstrip("0123456789-").endswith(litmus.name.lstrip("0123456789-")), litmus.name
    assert litmus.about and litmus.because


def test_no_two_files_hold_a_test_of_the_same_name() -> None:
    names = [load(path).litmus.name for path in FILES.values()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_the_catalogue_has_its_own_files(row: int) -> None:
    assert [f"{row:02}-{name}" for name in ROWS[row] if f"{row:02}-{name}" not in FILES] == []


@pytest.mark.parametrize("name", TESTS)
def test_a_file_expects_what_the_catalogue_says_but_for_the_known_deviations(name: str) -> None:
    litmus = find(name).litmus
    wanted = {column: expected(name, column, says) for column, says in zip(COLUMNS, TESTS[name], strict=True)}
    found = {
        column: reachable(litmus.expected(LETTER[column]), litmus.condition.quantifier) for column in COLUMNS
    }  # fmt: skip
    assert {column: found[column] for column in COLUMNS if wanted[column] not in (".", found[column])} == {}


def test_every_known_deviation_is_one() -> None:
    assert [key for key, (says, _) in DEVIATIONS.items() if TESTS[key[0]][COLUMNS.index(key[1])] == says] == []


SHOWN = [key for key, (says, _) in DEVIATIONS.items() if says != "n"]


@pytest.mark.parametrize(("name", "column"), SHOWN)
def test_a_deviation_that_says_more_is_proven_by_an_execution(name: str, column: str) -> None:
    found = answer(name, LETTER[column])
    built = build(found.litmus, LETTER[column], engine())
    state, events = built.initial, []
    for choice in found.schedule:
        state, more = built.machine.apply(state, choice)
        events += more
    if DEVIATIONS[name, column][0] == "U":
        assert any(isinstance(event, Undefined) for event in events)
    elif name == "PAIR.A'B":
        assert [state.vcpus[1].general[number] for number in (0, 3)] == [1, 0]
    else:
        assert {"torn", "old", "int3"} & {
            kind for event in events if isinstance(event, Executed) for kind in executed(built.sites[0], event)
        }


@pytest.mark.parametrize(
    ("programs", "seen"),
    [
        pytest.param((("store x", "store y"), ("exec y", "exec x")), (1, 0), id="MP.FF+jmp"),
        pytest.param((("store x", "mfence", "exec y"), ("store y", "mfence", "exec x")), (0, 0), id="SB.F+mfence"),
    ],
)
def test_the_oracle_says_so_too_where_a_deviation_says_less(
    programs: tuple[tuple[str, ...], ...], seen: object
) -> None:
    assert seen not in of_the_oracle(*programs, age="Q", amd=True)
