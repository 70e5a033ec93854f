"""Every error is one line on stderr that says what to do, and an exit code."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

WRONG = {
    "rnu": "Did you mean 'run'?",
    "run": "Missing argument 'NAME|FILE'",
    "run plian": "did you mean plain?",
    "run plain --seeed 1": "--seed",
    "run plain --cpus many": "--cpus",
    "run plain --cpus 99": "0 to 15",
    "run plain --fetch-model zen4": "no fetch model 'zen4'; choose one of: coherent",
    "run plain --protocol poke": "no protocol 'poke'; choose one of: text-poke",
    "run plain --data-model ram": "choose one of: tso, sc",
    "run plain --scheduler fair": "choose one of: random",
    "run no/such.py": "no scenario file no/such.py",
    "run plain --replay nonsense": "not a replay string",
    "check": "give a scenario, or --all",
    "check plain --fetch-model zen4": "no fetch model 'zen4'",
    "matrix --placements 70000": "numbers from 0 to 65535",
    "matrix --protocols poke": "no protocol 'poke'",
    "check plain --jobs 0": "--jobs",
    "campaign plain --scheduler fair": "no scheduler 'fair' for a campaign; choose one of: pct, uniform, weighted",
    "campaign plain --store .": ". cannot be used as a result store",
    "show minimum": "did you mean 'minimal'?",
    "replay nonsense": "not a replay string",
    "replay kg2:plain:0:0x": "this program reads kg1",
    "replay kg1:plain+colour=red:0:0x": "no option 'colour'",
    "replay kg1:plain+cpus=x:0:0x": "cpus=x",
}


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize("command", WRONG)
def test_what_makes_no_sense_is_one_line_and_exit_code_2(cli: Cli, command: str) -> None:
    ran = cli(*command.split())
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("kgraft-sim: ")
    assert WRONG[command] in ran.err


def test_a_scenario_file_that_fails_is_named_with_its_line(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("one = 1\nscenario = one.two\n")
    ran = cli("run", path)
    assert ran.code == 2
    assert "broken.py:2: AttributeError" in ran.err


def test_a_protocol_for_a_guest_that_patches_itself_is_refused(cli: Cli, scenario: Callable[..., Path]) -> None:
    path = scenario(patchers=("patcher_main",))
    assert "--protocol does not apply" in cli("check", path, "--protocol", "store8").err


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise RuntimeError(f"cannot {name}\nat all")

    monkeypatch.setattr("simulator.cli.question.find", fail)


@pytest.mark.usefixtures("bug")
def test_a_bug_is_one_line_and_exit_code_4(cli: Cli) -> None:
    ran = cli("run", "plain")
    assert (ran.code, ran.err.count("\n")) == (4, 1)
    assert "RuntimeError: cannot plain; this is a bug in kgraft-sim" in ran.err


@pytest.mark.usefixtures("bug")
def test_the_traceback_of_a_bug_comes_when_asked_for(cli: Cli) -> None:
    assert "Traceback" in cli("--debug", "run", "plain").err


def test_an_interrupt_is_one_line_and_exit_code_3(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("simulator.cli.question.find", interrupt)
    ran = cli("run", "plain")
    assert (ran.code, ran.err) == (3, "kgraft-sim: interrupted\n")


def test_a_reader_that_goes_away_is_no_error() -> None:
    program = f"{sys.executable} -m simulator.cli list --json | head -1"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("{\n", "")
