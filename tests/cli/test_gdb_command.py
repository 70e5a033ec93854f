"""What ``kgraft-sim gdb`` refuses, in one line each."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Cli

STRING = "kg1:basic+fetch=zen3:00000000:0x"


def test_a_replay_string_of_another_scenario_is_refused(cli: Cli) -> None:
    done = cli("gdb", "two-cpus", "--replay", STRING)
    assert (done.code, done.out) == (2, "")
    assert "the replay string is one of basic, not of two-cpus" in done.err


def test_a_replay_string_made_for_something_else_is_refused(cli: Cli) -> None:
    done = cli("gdb", "basic", "--replay", STRING)
    assert done.code == 2 and "the replay string was made for 00000000" in done.err


@pytest.mark.parametrize("option", ["--cpus=2", "--seed=1", "--violation"])
def test_a_replay_string_brings_its_own_options(cli: Cli, option: str) -> None:
    done = cli("gdb", "basic", "--replay", STRING, option)
    assert done.code == 2 and f"leave {option.partition('=')[0]} out" in done.err


def test_a_port_that_cannot_be_is_refused(cli: Cli) -> None:
    assert cli("gdb", "basic", "--port", "70000").code == 2


def test_to_launch_a_gdb_there_must_be_one(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    done = cli("gdb", "basic", "--launch")
    assert done.code == 2 and "--launch needs gdb, which is not installed" in done.err
