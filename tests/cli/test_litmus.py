"""``kgraft-sim litmus`` as a user meets it."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

SB = """X86_64 Mine
{ x = 0; y = 0; }
 P0 | P1 ;
 mov dword ptr [x], 1   | mov dword ptr [y], 1   ;
 mov eax, dword ptr [y] | mov eax, dword ptr [x] ;
exists (0:rax=0 /\\ 1:rax=0)
expect *: VERDICT because "a reason"
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.litmus"
    path.write_text(SB.replace("VERDICT", "Ok"))
    return path


def test_a_shipped_test_is_found_by_name(cli: Cli) -> None:
    ran = cli("litmus", "SB")
    assert ran.code == 0 and "Observation SB Sometimes 1 3" in ran.out


def test_a_file_is_run(cli: Cli, mine: Path) -> None:
    ran = cli("litmus", mine)
    assert ran.code == 0 and "Test Mine Allowed" in ran.out


def test_a_folder_is_run_as_a_table(cli: Cli, mine: Path) -> None:
    (mine.parent / "other.litmus").write_text(SB.replace("VERDICT", "Ok").replace("Mine", "Other"))
    ran = cli("litmus", mine.parent, "-j", "1")
    assert ran.out.splitlines()[1:] == ["test   Z", "Mine   Ok", "Other  Ok", "2 tests, 2 of 2 verdicts as expected"]


def test_a_verdict_that_is_not_the_expected_one_fails(cli: Cli, mine: Path) -> None:
    mine.write_text(SB.replace("VERDICT", "No"))
    ran = cli("litmus", mine)
    assert ran.code == 1 and "NOT AS EXPECTED: the file says No" in ran.out


def test_all_fetch_models_give_a_row(cli: Cli, mine: Path) -> None:
    ran = cli("litmus", mine, "--fetch-model", "all", "-j", "1")
    assert "Mine  Ok  Ok  Ok  Ok  Ok  Ok  Ok  Ok  Ok  Ok" in ran.out


def test_a_witness_is_shown_where_asked_for(cli: Cli, mine: Path) -> None:
    assert "y becomes 01 00 00 00" in cli("litmus", mine, "--witness").out


def test_a_limit_of_states_ends_as_incomplete(cli: Cli, mine: Path) -> None:
    ran = cli("litmus", mine, "--max-states", "5")
    assert ran.code == 3 and "Incomplete" in ran.out


def test_json_holds_every_outcome(cli: Cli, mine: Path) -> None:
    (test,) = json.loads(cli("litmus", mine, "--json").out)["tests"]
    assert (test["verdict"], len(test["outcomes"]), test["passed"]) == ("Ok", 4, True)


def test_generated_tests_are_run_and_written(cli: Cli, tmp_path: Path) -> None:
    ran = cli("litmus", "--generate", "3", "--seed", "4", "--output", tmp_path / "made", "-j", "1")
    assert "3 tests, 3 verdicts" in ran.out
    again = cli("litmus", tmp_path / "made", "-j", "1")
    assert (again.code, again.out) == (0, ran.out)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "run what?"),
        (("SBB",), "no litmus test 'SBB'; did you mean SB"),
        (("SB", "--fetch-model", "zen9"), "no fetch model 'zen9'"),
        (("--generate", "0"), "--generate"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_code_2(cli: Cli, words: tuple[str, ...], message: str) -> None:
    ran = cli("litmus", *words)
    assert ran.code == 2 and message in ran.err and ran.err.count("\n") == 1


def test_an_error_in_a_file_names_line_and_column(cli: Cli, mine: Path) -> None:
    mine.write_text(SB.replace("0:rax=0", "0:rax"))
    ran = cli("litmus", mine)
    assert ran.code == 2 and f"{mine}:6:15: `/\\` where `=` should be" in ran.err
