"""A scenario written as a Python file is the same scenario."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.patching.steps import New, Protocol, Store, SyncCores
from simulator.scenario.catalogue import find, load, names
from simulator.scenario.scenario import Scenario
from simulator.scenario.source_text import scenario_file

MINE = Protocol("mine", 'quotes """ and \\', (Store(0, b"\xcc", locked=True), SyncCores(), Store(0, New(0, 5))))
OTHERS = {
    "protocol": Scenario(protocol=MINE, cpus=2, edits=("jmp", "nop")),
    "words": Scenario(words={"nr_cpus": 3, "nmi_handler": "nmi_ack"}, expect={"A": "safe", "*": "violation:traps"}),
    "plain": Scenario(),
}


def again(scenario: Scenario, folder: Path) -> Scenario:
    (folder / "case.py").write_text(scenario_file(scenario, 'A story with quotes """ and a \\.'))
    return load(folder / "case.py", "case").scenario


@pytest.mark.parametrize("name", OTHERS)
def test_a_scenario_of_values_comes_back(name: str, tmp_path: Path) -> None:
    assert again(OTHERS[name], tmp_path) == OTHERS[name]


def test_every_shipped_scenario_comes_back(tmp_path: Path) -> None:
    scenarios = {name: find(name).scenario for name in names()}
    assert {name: again(scenario, tmp_path) for name, scenario in scenarios.items()} == scenarios
