"""``show``: functions and patch sites of a guest kernel."""

import json

from tests.cli.conftest import Cli


def test_functions_stand_under_their_source_file(cli: Cli) -> None:
    lines = cli("show", "minimal", "--patch", "answer").out.splitlines()
    start = lines.index("guest_kernels/minimal/kernel.c:")
    assert lines[start + 1].split()[-1] == "question"


def test_the_patch_is_shown_with_what_it_replaces(cli: Cli) -> None:
    assert "answer by answer_fixed" in cli("show", "minimal", "--patch", "answer").out


def test_no_line_is_wider_than_the_terminal(cli: Cli) -> None:
    assert max(len(line) for line in cli("show", "minimal").out.splitlines()) <= 80


def test_json_has_addresses_as_text_and_sites_as_bytes(cli: Cli) -> None:
    content = json.loads(cli("show", "minimal", "--json").out)
    answer = next(each for each in content["functions"] if each["name"] == "answer")
    assert answer["address"].startswith("0xffffffff81")
    assert answer["site_bytes"] == "0f 1f 44 00 00"
