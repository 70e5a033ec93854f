"""``check`` writes reports for CI beside what it prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from tests.cli.conftest import Cli

Write = Callable[..., Path]


def test_every_report_is_written(cli: Cli, scenario: Write, tmp_path: Path) -> None:
    files = {name: tmp_path / "out" / name for name in ("junit", "sarif", "markdown")}
    cli("check", scenario(protocol="arm-late"), *(word for name in files for word in (f"--{name}", files[name])))
    assert ElementTree.parse(files["junit"]).getroot().get("failures") == "1"
    assert json.loads(files["sarif"].read_text())["version"] == "2.1.0"
    assert files["markdown"].read_text().startswith("# kgraft-sim: 0 passed, 1 failed\n")


def test_reports_are_the_same_twice(cli: Cli, scenario: Write, tmp_path: Path) -> None:
    path = scenario(protocol="arm-late")
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for file in files:
        cli("check", path, "--sarif", file)
    assert files[0].read_text() == files[1].read_text()


def test_annotations_follow_what_is_printed(cli: Cli, scenario: Write) -> None:
    printed = cli("check", scenario(protocol="arm-late"), "--github").out.splitlines()
    assert [line.startswith("::error ") for line in printed] == [*[False] * (len(printed) - 1), True]


def test_annotations_do_not_spoil_json(cli: Cli, scenario: Write) -> None:
    ran = cli("check", scenario(protocol="arm-late"), "--github", "--json")
    assert (json.loads(ran.out)["failed"], ran.err.startswith("::error ")) == (1, True)


def test_a_report_that_cannot_be_written_is_one_line(cli: Cli, scenario: Write, tmp_path: Path) -> None:
    ran = cli("check", scenario(), "--junit", tmp_path)
    assert (ran.code, ran.err) == (2, f"kgraft-sim: {tmp_path} cannot be written\n")
