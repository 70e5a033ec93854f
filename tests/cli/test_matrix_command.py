"""``matrix``: the verdict table as text and JSON."""

import json

from syrupy.assertion import SnapshotAssertion

from tests.cli.conftest import Cli

WORDS = ("matrix", "--protocols", "store8,address-first-sync", "--placements", "0,62")


def test_a_table_that_fits_has_a_column_per_fetch_model(cli: Cli, snapshot: SnapshotAssertion) -> None:
    assert cli(*WORDS, "--profiles", "A,B,C,D").out == snapshot


def test_a_table_that_does_not_fit_puts_equal_cells_together(cli: Cli, snapshot: SnapshotAssertion) -> None:
    assert cli(*WORDS, "--profiles", "A,B,Z,C,D,E,G").out == snapshot


def test_json_has_a_cell_for_each(cli: Cli) -> None:
    cells = json.loads(cli(*WORDS, "--profiles", "A,byte1", "--json").out)["cells"]
    assert len(cells) == 8
    assert cells[0] == {
        "protocol": "store8", "placement": 0, "fetch": "coherent", "verdict": "ok/old",
        "states": cells[0]["states"], "findings": [["freshness", "old"]],
    }  # fmt: skip
