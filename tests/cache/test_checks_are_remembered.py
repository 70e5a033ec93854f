"""``check`` with the cache: the same answers, and only those searches that a change makes necessary."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.campaign.jobs import CheckJob
from tests.cli.conftest import Cli, cli, scenario, shipped

__all__ = ["cli", "scenario", "shipped"]

KERNEL = """
#include "kgraft.h"
#include "cpu.h"

__patchable int first(void)
{
	return opaque(16);
}

__patchable int second(void)
{
	return opaque(32);
}

notrace void workload_first(void)
{
	forget_cpu();
	for (;;)
		guest_assert(first() > 0);
}

notrace void workload_second(void)
{
	forget_cpu();
	for (;;)
		guest_assert(second() > 0);
}
"""
PATCH = """
#include "kgraft.h"

int first(void);
int second(void);

__patchable int first_fixed(void)
{
	return opaque(17);
}

__patchable int second_fixed(void)
{
	return opaque(33);
}

KGR_PATCH(first, first_fixed);
KGR_PATCH(second, second_fixed);
"""


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the scenarios that are searched, as they are."""
    names: list[str] = []
    whole = CheckJob.run

    def run(job: CheckJob) -> object:
        names.append(Path(job.name).stem)
        return whole(job)

    monkeypatch.setattr(CheckJob, "run", run)
    return names


@pytest.mark.usefixtures("shipped")
def test_a_second_check_of_all_searches_nothing(cli: Cli, searched: list[str]) -> None:
    cli("check", "--all", "-j", 1)
    searched.clear()
    cli("check", "--all", "-j", 1)
    assert searched == []


@pytest.mark.usefixtures("shipped")
def test_a_second_check_of_all_builds_no_guest(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("check", "--all")
    monkeypatch.setattr("simulator.cli.cases.prepare", None)
    assert cli("check", "--all").code == 0


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(
    "words",
    [("--all",), ("--all", "--json"), ("arm-late", "--fetch-model", "all", "--cache")],
    ids=["table", "json", "models"],
)
def test_what_is_remembered_is_told_like_what_was_searched(cli: Cli, words: tuple[str, ...]) -> None:
    first = cli("check", *words)
    assert cli("check", *words) == first


@pytest.mark.usefixtures("shipped")
def test_without_the_cache_nothing_is_kept(cli: Cli) -> None:
    cli("check", "--all", "--no-cache")
    assert not Path(".kgraft").exists()


@pytest.mark.usefixtures("shipped")
def test_a_single_check_keeps_nothing_unless_it_is_asked_to(cli: Cli) -> None:
    cli("check", "plain")
    assert not Path(".kgraft").exists()


@pytest.mark.usefixtures("shipped")
def test_a_single_check_can_be_remembered(cli: Cli) -> None:
    first = cli("check", "arm-late", "--cache")
    assert (cli("check", "arm-late", "--cache"), Path(".kgraft").is_dir()) == (first, True)


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize("words", [("--no-symmetry",), ("--fair",), ("--data-model", "sc"), ("--cpus", "2")])
def test_another_question_is_searched(cli: Cli, searched: list[str], words: tuple[str, ...]) -> None:
    cli("check", "plain", "arm-late", "--cache", "-j", 1)
    searched.clear()
    cli("check", "plain", "arm-late", "--cache", "-j", 1, *words)
    assert sorted(searched) == ["arm-late", "plain"]


@pytest.mark.usefixtures("shipped")
def test_what_a_limit_stopped_is_searched_again(cli: Cli, searched: list[str]) -> None:
    asked = ("check", "plain", "arm-late", "--cpus", 4, "--cache", "-j", 1, "--max-transitions", 4000)
    cli(*asked)
    searched.clear()
    cli(*asked)
    assert searched == ["plain"]


@pytest.fixture
def two(scenario: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Write a kernel and two scenarios, each of which patches one of its functions, in a cache line of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KGRAFT_CACHE", str(tmp_path / "objects"))
    (tmp_path / "kernel.c").write_text(KERNEL)
    (tmp_path / "patch.c").write_text(PATCH)
    return [
        scenario(name, kernel="kernel.c", patch="patch.c", functions=(name,), workload=f"workload_{name}", placement=64)
        for name in ("first", "second")
    ]


@pytest.mark.skipif(shutil.which("gcc") is None, reason="compiles a kernel: needs gcc")
@pytest.mark.parametrize(
    ("file", "old", "new", "wanted"),
    [
        ("kernel.c", "opaque(32)", "opaque(36)", ["second"]),
        ("patch.c", "opaque(17)", "opaque(19)", ["first"]),
        ("kernel.c", "opaque(16)", "opaque( 16 )", []),
    ],
    ids=["function", "replacement", "blanks"],
)
def test_a_changed_byte_of_one_function_is_checked_again_only_where_it_is_used(
    cli: Cli, searched: list[str], two: list[Path], file: str, old: str, new: str, wanted: list[str]
) -> None:
    cli("check", *two, "--cache", "-j", 1)
    searched.clear()
    Path(file).write_text(Path(file).read_text().replace(old, new))
    cli("check", *two, "--cache", "-j", 1)
    assert searched == wanted
