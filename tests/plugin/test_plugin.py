"""The pytest plugin: a verdict that is not the expected one fails a test, and tells how it comes about."""

from __future__ import annotations

import re
import shlex
import shutil

import pytest

from simulator.data import data_folder
from tests.cli.conftest import Cli, cli
from tests.plugin.conftest import Project

__all__ = ["cli"]

pytest_plugins = ["pytester"]

needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="compiles a kernel: needs gcc")

BAD = 'kgraft(Scenario(protocol="arm-late"))'


def outcomes(result: pytest.RunResult) -> dict[str, int]:
    return {name: count for name, count in result.parseoutcomes().items() if name != "warnings"}


def replay_words(result: pytest.RunResult, start: str) -> list[str]:
    """Return the words of the line that replays a failure."""
    (line,) = [line for line in result.outlines if line.startswith(start)]
    return shlex.split(line.removeprefix(start))


# what can be asked ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        'kgraft("basic")',
        'kgraft("basic", cpus=2)',
        "kgraft(Scenario())",
        "kgraft()",
        'kgraft(protocol="text-poke", placement=62)',
        'kgraft("no-sync")',
        'kgraft("no-sync", expect="violation:integrity")',
        'kgraft("no-sync", fetch="coherent", properties=("integrity",), expect="safe")',
        'kgraft(Scenario(protocol="arm-late"), expect="violation:traps")',
        'kgraft(Scenario(protocol="arm-late", expect={"*": "violation:traps"}))',
        'kgraft(protocol="store8", placement=0, fetch=("coherent", "byte1"), properties=("integrity",),'
        ' expect={"D": "violation:integrity", "*": "safe"})',
    ],
)
def test_a_verdict_that_is_expected_passes(project: Project, asked: str) -> None:
    project.write(f"def test_it(kgraft):\n    {asked}\n")
    assert outcomes(project.run()) == {"passed": 1}


@pytest.mark.parametrize(
    "asked",
    [
        BAD,
        'kgraft("basic", expect="violation:traps")',
        'kgraft("no-sync", expect="safe")',
        'kgraft("no-sync", expect="violation:traps")',
        'kgraft(protocol="arm-late")',
        'kgraft("no-sync", properties=("integrity",))',
    ],
)
def test_any_other_verdict_fails(project: Project, asked: str) -> None:
    project.write(f"def test_it(kgraft):\n    {asked}\n")
    assert outcomes(project.run()) == {"failed": 1}


def test_a_protocol_can_be_a_value(project: Project) -> None:
    project.write(
        "from simulator.patching.steps import New, Protocol, Store\n\n"
        'MINE = Protocol("mine", "one store", (Store(0, New(0, 8)),))\n\n'
        'def test_it(kgraft):\n    kgraft(MINE, placement=62, fetch="line64", properties=("integrity",))\n'
    )
    project.run().stdout.fnmatch_lines(["*neither old, INT3 nor new*"])


def test_the_results_are_returned(project: Project) -> None:
    project.write(
        "def test_it(kgraft):\n"
        '    results = kgraft("basic", fetch=["coherent", "zen3"])\n'
        '    assert [each.profile for each in results] == ["coherent", "zen3"]\n'
        '    assert {each.verdict.label for each in results} == {"safe"}\n'
    )
    assert outcomes(project.run()) == {"passed": 1}


def test_a_scenario_file_is_found_beside_the_test(project: Project) -> None:
    (project.path / "tests").mkdir()
    (project.path / "tests" / "case.py").write_text(
        "from simulator.scenario import Scenario\nscenario = Scenario(protocol='arm-late')\n"
    )
    (project.path / "tests" / "test_case.py").write_text("def test_it(kgraft):\n    kgraft('case.py')\n")
    words = replay_words(project.run(), "replay: kgraft-sim replay ")
    assert words[0].startswith("kg1:tests/case.py+fetch=zen3:")


@needs_gcc
@pytest.mark.parametrize(("value", "outcome"), [(8, "passed"), (7, "failed")])
def test_a_patch_in_c_is_compiled_and_checked(project: Project, value: int, outcome: str) -> None:
    project.write_kernel(value)
    project.write('@pytest.mark.kgraft("fix.c", kernel="kernel.c")\ndef test_it():\n    pass\n')
    assert outcomes(project.run()) == {outcome: 1}


# litmus tests --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ['kgraft("SB.litmus")', 'kgraft("SB.litmus", fetch="all", expect="Ok")'])
def test_a_litmus_test_passes_where_its_verdict_is_expected(project: Project, asked: str) -> None:
    project.write(f"def test_it(kgraft):\n    {asked}\n")
    assert outcomes(project.run()) == {"passed": 1}


def test_a_litmus_test_fails_with_its_states_and_how_to_see_them_again(project: Project, cli: Cli) -> None:
    project.write('def test_it(kgraft):\n    kgraft("SB.litmus", expect="No")\n')
    result = project.run()
    result.stdout.fnmatch_lines(["SB: Ok [[]expected No] under zen3", "Test SB *", "Observation SB *"])
    assert "Observation SB" in cli(*replay_words(result, "again: kgraft-sim ")).out


def test_a_litmus_file_is_found_beside_the_test(project: Project) -> None:
    text = (data_folder("scenarios") / "litmus" / "data" / "SB.litmus").read_text()
    (project.path / "mine.litmus").write_text(text)
    project.write('@pytest.mark.kgraft("mine.litmus", fetch=["coherent", "zen3"])\ndef test_it():\n    pass\n')
    assert outcomes(project.run()) == {"passed": 2}


# the marker ----------------------------------------------------------------------------------------------


def test_the_marker_makes_a_test_of_each_fetch_model(project: Project) -> None:
    project.write(
        '@pytest.mark.kgraft(protocol="store8", placement=62, fetch=["coherent", "line64"],'
        ' properties=("integrity",))\ndef test_it():\n    pass\n'
    )
    result = project.run("-v")
    result.stdout.fnmatch_lines(["*test_it?coherent? PASSED*", "*test_it?line64? FAILED*"])


def test_all_stands_for_every_fetch_model(project: Project) -> None:
    project.write('@pytest.mark.kgraft("basic", fetch="all")\ndef test_it():\n    pass\n')
    assert len([line for line in project.run("--collect-only", "-q").outlines if "::test_it[" in line]) == 10


def test_the_body_of_a_marked_test_runs_only_after_a_good_verdict(project: Project) -> None:
    project.write('@pytest.mark.kgraft(protocol="arm-late")\ndef test_it():\n    open("ran", "w")\n')
    project.run()
    assert not (project.path / "ran").exists()


def test_the_marker_goes_with_other_parameters(project: Project) -> None:
    project.write(
        '@pytest.mark.kgraft("basic", fetch=["coherent", "zen3"])\n'
        '@pytest.mark.parametrize("number", [1, 2])\ndef test_it(number):\n    assert number\n'
    )
    assert outcomes(project.run()) == {"passed": 4}


def test_the_marker_is_known_where_markers_are_strict(project: Project) -> None:
    project.write('@pytest.mark.kgraft("basic")\ndef test_it():\n    pass\n')
    assert outcomes(project.run("--strict-markers")) == {"passed": 1}


# failures ------------------------------------------------------------------------------------------------


def test_a_failure_shows_lanes_the_last_line_and_the_verdict(project: Project) -> None:
    project.write(f"def test_it(kgraft):\n    {BAD}\n")
    project.run().stdout.fnmatch_lines(
        [
            "VIOLATION: traps (unclaimed-int3) [[]expected safe] under zen3",
            "*vCPU0 * vCPU1 (patcher)*",
            "vCPU0 took an INT3 at answer+0x0/0xb that no handler claims",
            "replay: kgraft-sim replay *",
            "or: pytest *--kgraft-replay=*",
        ]
    )


def test_a_failure_shows_no_frames_of_the_plugin(project: Project) -> None:
    project.write(f"def test_it(kgraft):\n    {BAD}\n")
    assert "pytest_plugin.py" not in project.run().stdout.str()


def test_the_line_of_a_failure_replays_it_on_the_command_line(project: Project, cli: Cli) -> None:
    project.write(f"def test_it(kgraft):\n    {BAD}\n")
    words = replay_words(project.run(), "replay: kgraft-sim replay ")
    ran = cli("replay", *words)
    assert (ran.code, "that no handler claims" in ran.out) == (1, True)


def test_the_other_line_of_a_failure_replays_it_in_pytest(project: Project) -> None:
    project.write(f"def test_it(kgraft):\n    {BAD}\n")
    words = replay_words(project.run(), "or: pytest ")
    result = project.run(*words)
    assert (result.ret, "that no handler claims" in result.stdout.str()) == (1, True)


def test_a_replay_does_not_search(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write(f"def test_it(kgraft):\n    {BAD}\n")
    words = replay_words(project.run(), "or: pytest ")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a replay searches nothing")

    monkeypatch.setattr("simulator.cli.cases.check_guest", refuse)
    assert outcomes(project.run(*words, "--kgraft-no-cache")) == {"failed": 1}


def test_a_replay_for_no_test_that_ran_is_misuse(project: Project) -> None:
    project.write('def test_it(kgraft):\n    kgraft("basic")\n')
    result = project.run("--kgraft-replay=kg1:basic+fetch=zen3:00000000:0x")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["kgraft: no test that ran is what the replay string is for: kg1:basic*"])


def test_a_replay_string_that_cannot_be_read_is_one_line(project: Project) -> None:
    project.write('def test_it(kgraft):\n    kgraft("basic")\n')
    project.run("--kgraft-replay=nonsense").stdout.fnmatch_lines(["kgraft: not a replay string: 'nonsense'*"])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ('kgraft("bsaic")', "kgraft: no scenario 'bsaic'; did you mean basic*"),
        ('kgraft("basic", fetch="zen4")', "kgraft: *zen4*"),
        ('kgraft("basic", colour="red")', "kgraft: *colour*"),
        ('kgraft(kernel="nowhere.c")', "kgraft: no guest kernel 'nowhere.c'*"),
        ('kgraft("basic", expect="unsafe")', "kgraft: expect*choose one of*"),
        ('kgraft("SB.litmus", cpus=2)', "kgraft: a litmus test has no field 'cpus' to change"),
        ('kgraft("SB.litmus", expect="safe")', "kgraft: expect='safe': a litmus test comes to Ok, No, Undefined"),
    ],
)
def test_what_makes_no_sense_fails_in_one_line(project: Project, asked: str, said: str) -> None:
    project.write(f"def test_it(kgraft):\n    {asked}\n")
    result = project.run()
    assert outcomes(result) == {"failed": 1}
    result.stdout.fnmatch_lines([said])


# time and memory -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", ["seconds=0", "ini"])
def test_a_check_that_runs_out_of_time_fails_as_incomplete(project: Project, budget: str) -> None:
    if budget == "ini":
        (project.path / "pytest.ini").write_text("[pytest]\nkgraft_seconds = 0\n")
    words = ", seconds=0" if budget != "ini" else ""
    project.write(f'def test_it(kgraft):\n    kgraft("two-cpus", cpus=4{words})\n')
    result = project.run()
    assert outcomes(result) == {"failed": 1}
    result.stdout.fnmatch_lines(["INCOMPLETE: *", "INCOMPLETE is not safe: *"])


def test_a_verdict_is_searched_only_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write('def test_it(kgraft):\n    kgraft("basic")\n')
    project.run()
    monkeypatch.setattr("simulator.cli.cases.check_guest", None)
    assert outcomes(project.run()) == {"passed": 1}


@pytest.mark.parametrize("words", [("--kgraft-no-cache",), ("--kgraft-cache", "elsewhere")])
def test_the_folder_of_verdicts_can_be_another_or_none(project: Project, words: tuple[str, ...]) -> None:
    project.write('def test_it(kgraft):\n    kgraft("basic")\n')
    project.run(*words)
    there = [name for name in (".kgraft", "elsewhere") if (project.path / name).exists()]
    assert there == list(words[1:])


def test_tests_are_dealt_out_to_workers(project: Project) -> None:
    project.write(
        '@pytest.mark.kgraft("basic", fetch=["coherent", "line64", "zen3", "qword8"])\ndef test_it():\n    pass\n\n'
        f"def test_bad(kgraft):\n    {BAD}\n"
    )
    result = project.run("-n", "2")
    assert outcomes(result) == {"passed": 4, "failed": 1}
    words = replay_words(result, "or: pytest ")
    again = project.run("-n", "1", *words)
    assert (again.ret, bool(re.search("no handler claims", again.stdout.str()))) == (1, True)
