"""``list``: what there is to run."""

import json

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.cli.conftest import Cli


@pytest.mark.usefixtures("shipped")
def test_scenarios_are_listed_with_what_they_expect(cli: Cli, snapshot: SnapshotAssertion) -> None:
    assert cli("list").out == snapshot


@pytest.mark.usefixtures("shipped")
def test_a_narrow_terminal_shows_the_same(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert cli("list").out == snapshot


def test_fetch_models_are_listed_with_their_reading(cli: Cli, snapshot: SnapshotAssertion) -> None:
    assert cli("list", "--profiles").out == snapshot


def test_protocols_are_listed_with_their_story(cli: Cli) -> None:
    assert "text-poke-nmi-disarm" in cli("list", "--protocols").out


def test_consistency_models_are_listed_with_their_promise(cli: Cli) -> None:
    assert "a task runs old functions or new ones" in cli("list", "--models").out


def test_kernels_are_listed_with_their_patches(cli: Cli) -> None:
    assert "minimal" in cli("list", "--kernels").out


@pytest.mark.usefixtures("shipped")
def test_json_has_everything(cli: Cli) -> None:
    content = json.loads(cli("list", "--json").out)
    assert [each["name"] for each in content["scenarios"]] == ["arm-late", "no-sync-2", "plain"]
    assert content["scenarios"][1]["expect"]["stale8"] == "violation:integrity"
    assert {len(content["profiles"]), content["format"]} == {10, 1}
