"""Random campaigns: the same with one worker and two, in one go and resumed, and every violation replays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.campaign.explore import Campaign, Explored, Stop
from simulator.campaign.jobs import Plan, SeedsJob
from simulator.campaign.store import Store
from simulator.campaign.tally import BATCH, Summary, Tally
from simulator.campaign.workers import Workers
from simulator.explore.schedule import Schedule, parse
from simulator.explore.simulate import replay
from simulator.machine.choice import Choice
from simulator.machine.engine import Engine
from simulator.scenario import Scenario
from simulator.scenario.build import configure
from tests.campaign.work import plan

SAFE = Scenario(placement=0)
TINY = Scenario(protocol="store8", placement=0, workload="workload_caller_once", properties=("integrity",))


@pytest.fixture(scope="module")
def unsafe() -> Plan:
    return plan()


@contextmanager
def campaign(
    ours: Plan, stop: Stop, workers: int = 1, path: Path | None = None, *, resume: bool = False
) -> Iterator[Campaign]:
    def spell(choices: tuple[Choice, ...]) -> str:
        return str(Schedule("it", (), ours.fingerprint, choices))

    with Store(path or Path(":memory:")) as store:
        yield Campaign(ours, stop, Workers(workers), store, store.begin(ours, "it", resume=resume), spell)


def explored(ours: Plan, stop: Stop, workers: int = 1, path: Path | None = None, *, resume: bool = False) -> Explored:
    with campaign(ours, stop, workers, path, resume=resume) as each:
        return each.run()


def timeless(found: Explored) -> tuple[Summary, object]:
    """Everything but what differs from run to run."""
    return replace(found.summary, seconds=0.0, fresh=0), found.found


def test_two_workers_find_what_one_finds(unsafe: Plan) -> None:
    stop = Stop(4 * BATCH, None, None)
    assert timeless(explored(unsafe, stop, 1)) == timeless(explored(unsafe, stop, 2))


def test_two_workers_stop_where_one_stops_when_coverage_is_flat() -> None:
    ours, stop = plan(TINY), Stop(None, None, 2 * BATCH)
    one, two = explored(ours, stop, 1), explored(ours, stop, 2)
    assert one.summary.stopped_by == "coverage is flat: nothing new in the last 100 schedules"
    assert timeless(one) == timeless(two)


def test_nothing_new_was_met_since_coverage_is_flat() -> None:
    summary = explored(plan(TINY), Stop(None, None, 2 * BATCH)).summary
    assert summary.points[-1][1] < summary.schedules - 2 * BATCH + 1


def test_a_campaign_that_is_resumed_ends_like_one_that_was_not_interrupted(unsafe: Plan, tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    explored(unsafe, Stop(2 * BATCH, None, None), path=path)
    resumed = explored(unsafe, Stop(4 * BATCH, None, None), path=path, resume=True)
    assert resumed.summary.fresh == 2 * BATCH, "what was done is not done again"
    assert timeless(resumed) == timeless(explored(unsafe, Stop(4 * BATCH, None, None)))


def test_a_campaign_that_dies_keeps_what_it_had_finished(unsafe: Plan, tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"

    def die(tally: Tally) -> None:
        if tally.finished >= 2 * BATCH:
            raise RuntimeError("power failure")

    with pytest.raises(RuntimeError), campaign(unsafe, Stop(4 * BATCH, None, None), path=path) as each:
        each.run(die)
    resumed = explored(unsafe, Stop(4 * BATCH, None, None), path=path, resume=True)
    assert resumed.summary.fresh == 2 * BATCH
    assert timeless(resumed) == timeless(explored(unsafe, Stop(4 * BATCH, None, None)))


def test_ctrl_c_ends_a_campaign_with_what_it_has(unsafe: Plan) -> None:
    def press(tally: Tally) -> None:
        raise KeyboardInterrupt

    with campaign(unsafe, Stop(4 * BATCH, None, None)) as each:
        found = each.run(press)
    assert (found.summary.schedules, found.summary.stopped_by) == (BATCH, "Ctrl-C")
    assert isinstance(found.ended_by, KeyboardInterrupt)


def test_a_violation_has_a_replay_that_is_not_shrunk_when_ctrl_c_came_first(unsafe: Plan) -> None:
    def press(tally: Tally) -> None:
        raise KeyboardInterrupt

    with campaign(unsafe, Stop(4 * BATCH, None, None)) as each:
        (found,) = each.run(press).found
    assert not found.shrunk
    assert parse(found.replay).choices


def test_no_time_is_no_schedule(unsafe: Plan) -> None:
    summary = explored(unsafe, Stop(None, 0.0, None)).summary
    assert (summary.schedules, summary.stopped_by) == (0, "limit of 0 seconds")


def test_the_replay_of_a_violation_ends_in_it(unsafe: Plan) -> None:
    (found,) = explored(unsafe, Stop(BATCH, None, None)).found
    subject = configure(unsafe.guest, unsafe.fetch, Engine()).subject
    *early, last = replay(subject, parse(found.replay).choices)
    assert not any(step.findings for step in early)
    assert [(each.property, each.kind) for each in last.findings] == [("integrity", "torn")]


def test_a_violation_is_shrunk(unsafe: Plan) -> None:
    (found,) = explored(unsafe, Stop(BATCH, None, None)).found
    assert found.shrunk
    assert found.choices <= len(parse(f"kg1:it:0:{found.met.choices}").choices)


def test_a_safe_scenario_shows_no_violation() -> None:
    found = explored(plan(SAFE), Stop(BATCH, None, None))
    assert (found.found, found.summary.ends.settled) == ((), BATCH)


def test_other_seeds_are_other_schedules(unsafe: Plan) -> None:
    batches = [SeedsJob(replace(unsafe, seed=seed), 0, 10).run() for seed in (0, 10)]
    assert batches[0].transitions != batches[1].transitions


def test_a_schedule_is_that_of_its_own_seed(unsafe: Plan) -> None:
    second = SeedsJob(unsafe, 1, 1).run()
    alone = SeedsJob(replace(unsafe, seed=1), 0, 1).run()
    assert (second.transitions, second.ends, dict(second.points).keys()) == (
        alone.transitions, alone.ends, dict(alone.points).keys(),
    )  # fmt: skip
