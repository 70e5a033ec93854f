"""Our verdict table against the exact one of the rules, cell by cell."""

from functools import cache

import pytest

from simulator.machine.engine import Engine
from simulator.machine.profiles import PROFILES
from simulator.scenario.matrix import cell, row
from tests.oracle.protocols import PROTOCOLS
from tests.oracle.table import EXACT, PLACEMENTS, expected

NAMES = {
    "naive-asc": "naive-copy", "naive-desc": "naive-copy-down", "store8+sync": "store8-sync",
    "locked8": "locked-store8", "locked8+sync": "locked-store8-sync", "address-first+syncs": "address-first-sync",
    "int3:123": "text-poke", "int3:123+disarm": "text-poke-disarm", "disarm-before-3": "disarm-early",
    "disarm-without-3": "disarm-unsynced", "arm-after-int3": "arm-late", "stop-store8+serialize": "stop-machine",
    "stop-store8": "stop-machine-noserialize", "stop-bytes+serialize": "stop-machine-bytes",
    "stop-bytes": "stop-machine-bytes-noserialize",
    **{f"int3:{syncs}": f"text-poke-{syncs}" for syncs in ("none", "1", "2", "3", "12", "13", "23")},
}  # fmt: skip
"""Names of the table to names of ours, where they differ."""


@cache
def warm() -> Engine:
    """Return one engine for all rows: what an instruction does, it does in each of them."""
    return Engine()


@pytest.mark.slow
@pytest.mark.parametrize("where", PLACEMENTS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_cell_is_that_of_the_rules(protocol: str, where: str) -> None:
    wanted = {profile.name: expected(protocol, where)[profile.letter] for profile in PROFILES.values()}
    addresses = PLACEMENTS[where][:1] if (protocol, "any") in EXACT else PLACEMENTS[where]
    for address in addresses:
        found = {each.profile: each.text for each in row(NAMES.get(protocol, protocol), address, engine=warm())}
        assert found == wanted, f"at +{address}"


def test_one_cell_is_that_of_its_row() -> None:
    assert cell("store8", 62, "zen3").text == next(row("store8", 62, ["zen3"])).text == "torn"


def test_a_cell_names_its_profile_however_it_was_asked_for() -> None:
    assert cell("store8", 0, "A").profile == "coherent"
