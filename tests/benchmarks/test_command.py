"""``python -m benchmarks``: one search measured for real, and files from what was measured."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.one import REDUCTIONS, Question, only, without
from benchmarks.results import CHECK, NOT_FINISHED, to_json
from benchmarks.searches import ours, profiled
from tests.benchmarks.results import results


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    path = tmp_path / "measured.json"
    path.write_text(to_json(results()))
    return path


def test_a_search_is_measured_in_a_process_of_its_own() -> None:
    row = ours(CHECK, "coherent", Question("coherent", 1))
    assert row.outcome == "safe"
    assert row.search < row.verdict < row.whole
    assert row.memory > 1


def test_a_search_that_meets_its_time_limit_is_not_finished() -> None:
    row = ours(CHECK, "none", Question("stale8", 2, reductions=(), seconds=0.0))
    assert row.outcome == NOT_FINISHED


def test_a_profile_names_functions_by_their_share_of_the_time() -> None:
    what, lines = profiled(ours(CHECK, "coherent", Question("coherent", 1)))
    assert what == "full text_poke, 1 CPUs, coherent"
    assert all(re.match(r"\d+% ", line) for line in lines)


def test_the_replay_of_a_counterexample_is_told_by_its_length() -> None:
    row = ours(CHECK, "naive-copy", Question("coherent", 2, "naive-copy"), "coherent")
    assert re.fullmatch(r"coherent, \d+ steps", row.note)


def test_a_reduction_alone_comes_with_what_it_builds_on() -> None:
    assert only("ahead") == ("merge", "interrupts", "ahead")


@pytest.mark.parametrize("name", REDUCTIONS)
def test_without_a_reduction_all_others_are_on(name: str) -> None:
    assert {*without(name), name} == set(REDUCTIONS)


def test_the_page_is_written_from_what_was_measured(measured: Path, tmp_path: Path) -> None:
    main(["--from", str(measured), "--markdown", str(tmp_path / "page.md")])
    assert (tmp_path / "page.md").read_text().startswith("# Benchmarks\n")


@pytest.mark.parametrize(("name", "start"), [("chart.png", b"\x89PNG"), ("chart.svg", b"<?xml")])
def test_the_chart_is_drawn_as_its_suffix_says(measured: Path, tmp_path: Path, name: str, start: bytes) -> None:
    pytest.importorskip("matplotlib")
    main(["--from", str(measured), "--chart", str(tmp_path / name)])
    assert (tmp_path / name).read_bytes().startswith(start)


def test_a_chart_of_another_kind_is_refused_before_anything_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--chart", "chart.txt"])
    assert ended.value.code == 2
    assert "ends in .png or .svg" in capsys.readouterr().err


def test_results_that_are_none_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other.json").write_text("[]")
    with pytest.raises(SystemExit):
        main(["--from", str(tmp_path / "other.json")])
    assert "not the results of a run of the benchmarks" in capsys.readouterr().err


def test_a_file_in_a_folder_that_is_not_there_is_refused_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--json", str(tmp_path / "nowhere" / "out.json")])
    assert "there is no folder" in capsys.readouterr().err


def test_the_page_names_the_chart_relative_to_itself(measured: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "docs").mkdir()
    main(["--from", str(measured), "--chart", str(tmp_path / "c.svg"), "--markdown", str(tmp_path / "docs" / "p.md")])
    assert "](../c.svg)" in (tmp_path / "docs" / "p.md").read_text()


def test_the_same_results_are_drawn_as_the_same_chart(measured: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for name in ("one.svg", "two.svg"):
        main(["--from", str(measured), "--chart", str(tmp_path / name)])
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
