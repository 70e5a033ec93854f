"""Verdicts that are kept: the same when they come back, and never one that was not proven."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.explore.properties import Finding
from simulator.explore.verdict import Bounds, Outcome, Statistics, Verdict
from simulator.machine.choice import Choice, Kind
from simulator.machine.memory import BootImage
from simulator.scenario.footprint import Checked, footprint
from simulator.scenario.verdict_cache import NO_CACHE, VerdictCache
from simulator.scenario.verdict_keys import stable
from simulator.scenario.verdict_text import from_json, to_json

BOUNDS = Bounds(2, 1, "zen3", "tso", ("integrity", "order"), ("merge",), ("a note",))
STATISTICS = Statistics(120, 340, 12, 0.5, 99, 3, 1)
SAFE = Verdict(Outcome.SAFE, BOUNDS, STATISTICS)
LASSO = Verdict(
    Outcome.VIOLATION, BOUNDS, STATISTICS, Finding("integrity", "torn", 1, 0xFFFFFFFF81000000, b"\xe9\x1f"),
    (Choice(0, Kind.EXECUTE), Choice(0, Kind.EXECUTE), Choice(1, Kind.COMMIT, 2)), loop=2,
    all_findings=(("integrity", "torn"),),
)  # fmt: skip
VACUOUS = Verdict(Outcome.VACUOUS, BOUNDS, STATISTICS, unmet=("protocol step 1. arm",))
BOOT, OTHER = (BootImage((), [(0, data)]) for data in (b"old text", b"new text"))
SOURCES, SUBJECT = "ab" * 20, "cd" * 20


@pytest.fixture
def cache(tmp_path: Path) -> VerdictCache:
    return VerdictCache(tmp_path / "verdicts")


def checked(verdict: Verdict, boot: BootImage = BOOT) -> Checked:
    return Checked(verdict, footprint(boot, [(0, 8)]))


@pytest.mark.parametrize("verdict", [SAFE, LASSO, VACUOUS], ids=["safe", "lasso", "vacuous"])
def test_a_verdict_comes_back_as_it_was(verdict: Verdict) -> None:
    assert from_json(json.loads(json.dumps(to_json(verdict)))) == verdict


def test_a_verdict_is_found_by_its_sources(cache: VerdictCache) -> None:
    cache.keep(SOURCES, SUBJECT, checked(SAFE))
    assert cache.of_sources(SOURCES) == SAFE


def test_a_verdict_is_found_by_its_subject_where_the_footprint_fits(cache: VerdictCache) -> None:
    cache.keep(SOURCES, SUBJECT, checked(SAFE))
    assert cache.of_subject(SUBJECT, BOOT) == checked(SAFE)


def test_a_verdict_is_not_found_where_something_it_looked_at_is_another(cache: VerdictCache) -> None:
    cache.keep(SOURCES, SUBJECT, checked(SAFE))
    assert cache.of_subject(SUBJECT, OTHER) is None


def test_the_verdict_on_the_old_code_is_there_when_a_change_is_taken_back(cache: VerdictCache) -> None:
    cache.keep(SOURCES, SUBJECT, checked(SAFE))
    cache.keep("ef" * 20, SUBJECT, checked(LASSO, OTHER))
    assert (cache.of_subject(SUBJECT, BOOT), cache.of_subject(SUBJECT, OTHER)) == (
        checked(SAFE), checked(LASSO, OTHER),
    )  # fmt: skip


@pytest.mark.parametrize("outcome", [Outcome.INCOMPLETE, Outcome.UNPROVEN, Outcome.RAN])
def test_what_is_not_proven_is_not_kept(cache: VerdictCache, outcome: Outcome) -> None:
    cache.keep(SOURCES, SUBJECT, checked(replace(SAFE, outcome=outcome)))
    assert (cache.of_sources(SOURCES), cache.of_subject(SUBJECT, BOOT)) == (None, None)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"version": 1, "verdict": {"outcome": "safe"}}', "\udcff"])
def test_a_damaged_file_is_a_verdict_that_is_not_there(cache: VerdictCache, damage: str) -> None:
    cache.keep(SOURCES, SUBJECT, checked(SAFE))
    assert cache.folder is not None
    for path in cache.folder.rglob("*.json"):
        path.write_text(damage, errors="surrogateescape")
    assert (cache.of_sources(SOURCES), cache.of_subject(SUBJECT, BOOT)) == (None, None)


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = VerdictCache(tmp_path / "file" / "verdicts")
    cache.keep(SOURCES, SUBJECT, checked(SAFE))
    assert cache.of_sources(SOURCES) is None


def test_no_cache_keeps_nothing() -> None:
    NO_CACHE.keep(SOURCES, SUBJECT, checked(SAFE))
    assert NO_CACHE.of_sources(SOURCES) is None


def test_two_values_without_a_text_of_their_own_are_no_part_of_a_key() -> None:
    with pytest.raises(TypeError, match="a object cannot be part of a key"):
        stable((1, object()))


def test_the_keys_are_the_same_in_every_process() -> None:
    program = (
        "from simulator.explore.reductions import Reductions\n"
        "from simulator.machine.engine import Engine\n"
        "from simulator.scenario import Scenario\n"
        "from simulator.scenario.build import build\n"
        "from simulator.scenario.verdict_keys import sources_key, subject_key\n"
        "asked, how = Scenario(words={'nr_cpus': 2}), Reductions()\n"
        "print(sources_key(asked, 'zen3', how, fair=False, compiler=None))\n"
        "print(subject_key(build(asked, Engine()).subject, how, fair=False))\n"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(printed) == 1
