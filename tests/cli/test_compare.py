"""``compare``: consistency models as a table and as JSON."""

import json
import re

from syrupy.assertion import SnapshotAssertion

from tests.cli.conftest import Cli
from tests.masks import masked

WORDS = ("compare", "tasks", "--patch", "contract", "--tasks", "user_reserve", "--fetch-model", "coherent", "-j1")


def test_a_table_has_a_row_for_each_model_and_says_what_is_violated(cli: Cli, snapshot: SnapshotAssertion) -> None:
    ran = cli(*WORDS)
    assert ran.code == 0
    assert re.sub(r" +[\d,]+\+?(?= |$)", " N", masked(ran.out), flags=re.MULTILINE) == snapshot


def test_a_counterexample_of_another_model_can_be_replayed(cli: Cli) -> None:
    compared = cli("compare", "contract-kgraft", "--json", "-j", "1", "--max-transitions", "4000")
    strings = {row["model"]: row["replay"] for row in json.loads(compared.out)["models"]}
    assert strings["immediate"].startswith("kg1:contract-kgraft+model=immediate+")
    replayed = cli("replay", strings["immediate"])
    assert replayed.code == 1
    assert "VIOLATION: consistency (mixed)" in replayed.out
    assert strings["kgraft"] is None


def test_a_limit_leaves_a_model_without_an_answer(cli: Cli) -> None:
    ran = cli("compare", "contract-kgraft", "--max-transitions", "4000", "--json", "-j", "1")
    found = {row["model"]: (row["safe"], row["finishes"]) for row in json.loads(ran.out)["models"]}
    assert ran.code == 3
    assert (found["immediate"], found["kgraft"]) == ((False, None), (None, None))


def test_a_kernel_needs_a_patch(cli: Cli) -> None:
    ran = cli("compare", "tasks")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("kgraft-sim: tasks is a kernel: say with --patch which patch of it")


def test_a_scenario_has_a_patch_of_its_own(cli: Cli) -> None:
    ran = cli("compare", "contract-kgraft", "--patch", "ticket")
    assert (
        ran.err
        == "kgraft-sim: --patch goes with a kernel: leave it out, contract-kgraft is a scenario and has its own\n"
    )


def test_a_kernel_without_tasks_has_no_consistency_models(cli: Cli) -> None:
    assert "minimal has no tasks" in cli("compare", "minimal", "--patch", "answer").err


def test_a_scenario_is_checked_under_another_model(cli: Cli) -> None:
    ran = cli("check", "contract-kgraft", "--model", "immediate")
    assert ran.code == 1
    assert "VIOLATION: consistency (mixed)\n" in ran.out


def test_its_own_model_is_no_change(cli: Cli) -> None:
    ran = cli("check", "contract-immediate", "--model", "immediate")
    assert ran.code == 0
    assert "[as expected]" in ran.out


def test_a_scenario_without_tasks_has_no_model_to_change(cli: Cli) -> None:
    ran = cli("run", "basic", "--model", "kgraft")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "kgraft-sim: only kernels with tasks have consistency models ('kgraft-sim matrix' compares protocols)\n"
    )


def test_an_unknown_model_is_named_with_those_there_are(cli: Cli) -> None:
    ran = cli("run", "contract-kgraft", "--model", "ksplice")
    assert ran.code == 2
    assert ran.err.startswith("kgraft-sim: no consistency model 'ksplice'; choose one of: immediate, kgraft, hybrid")
