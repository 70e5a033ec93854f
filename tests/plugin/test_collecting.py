"""Scenario files and litmus tests are tests by themselves, but only where somebody asked for that."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.data import data_folder
from simulator.litmus import catalogue
from simulator.scenario.catalogue import shipped
from tests.plugin.conftest import Project
from tests.plugin.test_plugin import outcomes

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
FILE = "from simulator.scenario import Scenario\n\nscenario = Scenario({})\n"


@pytest.fixture
def files(project: Project) -> Project:
    """A folder with a good scenario, a bad one, a litmus test, and a test that calls something a scenario."""
    folder = project.path / "cases"
    folder.mkdir()
    (folder / "good.py").write_text(FILE.format(""))
    (folder / "bad.py").write_text(FILE.format('protocol="arm-late"'))
    (folder / "SB.litmus").write_text((data_folder("scenarios") / "litmus" / "data" / "SB.litmus").read_text())
    (folder / "test_it.py").write_text("scenario = 1\n\ndef test_it():\n    assert scenario\n")
    return project


def collected(project: Project, *words: str) -> list[str]:
    return [line for line in project.run("--collect-only", "-q", *words).outlines if "::" in line]


def test_a_folder_is_left_alone_unless_the_ini_file_says_so(files: Project) -> None:
    assert collected(files, "cases") == ["cases/test_it.py::test_it"]


def test_patterns_of_the_ini_file_make_tests_of_files(files: Project) -> None:
    found = collected(files, "-o", "kgraft_files=cases/*.py *.litmus", "cases")
    assert found == [
        "cases/SB.litmus::SB", "cases/bad.py::bad", "cases/good.py::good", "cases/test_it.py::test_it",
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "outcome"), [("good.py", "passed"), ("bad.py", "failed"), ("SB.litmus", "passed")])
def test_a_file_that_is_given_by_name_is_run(files: Project, name: str, outcome: str) -> None:
    assert outcomes(files.run(f"cases/{name}")) == {outcome: 1}


def test_a_failure_shows_the_counterexample_and_how_to_replay_it(files: Project) -> None:
    files.run("cases/bad.py").stdout.fnmatch_lines(
        [
            "VIOLATION: traps (unclaimed-int3) [[]expected safe] under zen3",
            "replay: kgraft-sim replay *kg1:cases/bad.py+fetch=zen3:*",
            "or: pytest cases/bad.py::bad --kgraft-replay=*",
        ]
    )


def test_fetch_models_can_be_chosen(files: Project) -> None:
    assert collected(files, "cases/good.py", "--kgraft-fetch", "all")[0] == "cases/good.py::good[coherent]"
    assert outcomes(files.run("cases/SB.litmus", "--kgraft-fetch", "qword8")) == {"passed": 1}


def test_a_fetch_model_that_does_not_exist_is_named(files: Project) -> None:
    result = files.run("cases/good.py", "--kgraft-fetch", "fast")
    assert "--kgraft-fetch: no fetch model 'fast'" in result.stdout.str() + result.stderr.str()


def test_a_file_that_is_no_scenario_says_what_is_missing(files: Project) -> None:
    (files.path / "cases" / "empty.py").write_text("")
    files.run("-o", "kgraft_files=cases/empty.py", "cases").stdout.fnmatch_lines(["*defines no 'scenario = *"])


def test_every_shipped_scenario_and_litmus_test_is_collected_here(project: Project) -> None:
    found = collected(project, "-W", "ignore", "-c", str(ROOT / "pyproject.toml"), str(ROOT / "scenarios"))
    assert len(found) == len(shipped()) + len(catalogue.shipped())
