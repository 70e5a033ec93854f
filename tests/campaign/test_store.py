"""The store: every result whole, once, and there again; every file that is none is refused in one line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from simulator.campaign.jobs import Batch, Ends, Met, Plan, SeedsJob
from simulator.campaign.store import Store
from simulator.campaign.tally import Tally
from simulator.errors import StoreError
from simulator.explore.coverage import Point
from tests.campaign.work import plan

POINT = Point("answer+0x0", "2. store +0 cc", "old")
MET = Met("integrity", "torn", "answer", 4, "0x*3,1c")


@pytest.fixture(scope="module")
def ours() -> Plan:
    return plan()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "results.sqlite"


def batch(first: int, schedule: int, met: tuple[Met, ...] = ()) -> Batch:
    return Batch(first, 50, 700, Ends(settled=49, violated=1), ((POINT, schedule),), met)


def test_what_is_kept_is_there_in_another_session(path: Path, ours: Plan) -> None:
    with Store(path) as store:
        store.add(store.begin(ours, "it", resume=False), SeedsJob(ours, 0, 50), batch(0, 4, (MET,)))
    with Store(path) as store:
        found = store.load(store.begin(ours, "it", resume=True))
    expected = Tally()
    expected.add(batch(0, 4, (MET,)))
    assert found == expected


def test_a_result_that_comes_twice_is_counted_once(path: Path, ours: Plan) -> None:
    with Store(path) as store:
        number = store.begin(ours, "it", resume=False)
        kept = [store.add(number, SeedsJob(ours, 0, 50), batch(0, 4)) for _ in range(2)]
        assert (kept, store.load(number).finished) == ([True, False], 50)


def test_the_first_schedule_that_met_a_point_is_kept_whatever_comes_first(path: Path, ours: Plan) -> None:
    with Store(path) as store:
        number = store.begin(ours, "it", resume=False)
        store.add(number, SeedsJob(ours, 50, 50), batch(50, 77))
        store.add(number, SeedsJob(ours, 0, 50), batch(0, 4))
        assert store.load(number).points == {POINT: 4}


def test_an_earlier_violation_of_the_same_kind_takes_the_place_of_a_later_one(path: Path, ours: Plan) -> None:
    late = MET._replace(schedule=60, choices="1x")
    with Store(path) as store:
        number = store.begin(ours, "it", resume=False)
        store.add(number, SeedsJob(ours, 50, 50), batch(50, 77, (late,)))
        store.keep_replay(number, late, "kg1:late")
        store.add(number, SeedsJob(ours, 0, 50), batch(0, 4, (MET,)))
        assert ([*store.load(number).met.values()], store.replay(number, MET)) == ([MET], None)


def test_a_replay_is_kept(path: Path, ours: Plan) -> None:
    with Store(path) as store:
        number = store.begin(ours, "it", resume=False)
        store.add(number, SeedsJob(ours, 0, 50), batch(0, 4, (MET,)))
        store.keep_replay(number, MET, "kg1:it:0:0x")
        assert store.replay(number, MET) == "kg1:it:0:0x"


def test_a_campaign_that_is_not_resumed_begins_anew(path: Path, ours: Plan) -> None:
    with Store(path) as store:
        store.add(store.begin(ours, "it", resume=False), SeedsJob(ours, 0, 50), batch(0, 4, (MET,)))
        assert store.load(store.begin(ours, "it", resume=False)) == Tally()


def test_campaigns_with_other_seeds_stand_side_by_side(path: Path, ours: Plan) -> None:
    other = plan(seed=1_000)
    with Store(path) as store:
        store.add(store.begin(ours, "it", resume=False), SeedsJob(ours, 0, 50), batch(0, 4))
        assert store.load(store.begin(other, "it", resume=True)) == Tally()
        assert store.load(store.begin(ours, "it", resume=True)).finished == 50


def test_a_result_is_kept_whole_or_not_at_all(path: Path, ours: Plan) -> None:
    broken = batch(0, 4)._replace(points=((POINT, None),))  # type: ignore[arg-type]
    with Store(path) as store:
        number = store.begin(ours, "it", resume=False)
        with pytest.raises(StoreError):
            store.add(number, SeedsJob(ours, 0, 50), broken)
        assert store.load(number) == Tally()


def refused(path: Path) -> str:
    with pytest.raises(StoreError) as caught:
        Store(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, " * 100)
    assert refused(path) == f"{path} cannot be used as a result store: file is not a database; try --store FILE"


def test_such_a_file_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, " * 100)
    refused(path)
    assert path.read_text() == "not a database, " * 100


def test_another_program_s_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE things (name TEXT)")
    other.close()
    assert "another program's database" in refused(path)


def test_a_store_of_another_version_is_refused(path: Path) -> None:
    with Store(path):
        pass
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    assert "of version 99; this program reads 1" in refused(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "cannot be used as a result store" in refused(tmp_path)


def test_a_store_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be used as a result store" in refused(tmp_path / "file" / "results.sqlite")
