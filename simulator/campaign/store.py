"""Results of campaigns in one SQLite file, so that a campaign goes on where it was stopped.

Each result is one transaction and has a UNIQUE key: whatever dies when, a result is there whole or not at all, and
the same one twice is counted once. Coverage keeps the first schedule that met a point; that is a minimum, so the
order in which results arrive is of no importance.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from simulator.campaign.jobs import Batch, Ends, Met, Plan, SeedsJob
from simulator.campaign.tally import Tally
from simulator.errors import StoreError
from simulator.explore.coverage import Point

DEFAULT = Path(".kgraft") / "results.sqlite"
APPLICATION = 0x6B677266
"""``kgrf``: tells the file from other programs' databases."""
VERSION = 1
_WAIT = 30.0
"""Seconds to wait for another process that writes."""

_SCHEMA = """
CREATE TABLE campaigns (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, title TEXT NOT NULL);
CREATE TABLE done (
    key TEXT NOT NULL UNIQUE, campaign INTEGER NOT NULL REFERENCES campaigns(id) ON DELETE CASCADE,
    first INTEGER NOT NULL, schedules INTEGER NOT NULL, transitions INTEGER NOT NULL,
    settled INTEGER NOT NULL, violated INTEGER NOT NULL, limited INTEGER NOT NULL, stuck INTEGER NOT NULL
);
CREATE TABLE coverage (
    campaign INTEGER NOT NULL REFERENCES campaigns(id) ON DELETE CASCADE,
    location TEXT NOT NULL, step TEXT NOT NULL, version TEXT NOT NULL, schedule INTEGER NOT NULL,
    PRIMARY KEY (campaign, location, step, version)
) WITHOUT ROWID;
CREATE TABLE violations (
    campaign INTEGER NOT NULL REFERENCES campaigns(id) ON DELETE CASCADE,
    property TEXT NOT NULL, kind TEXT NOT NULL, site TEXT NOT NULL, schedule INTEGER NOT NULL,
    choices TEXT NOT NULL, replay TEXT,
    PRIMARY KEY (campaign, property, kind, site)
) WITHOUT ROWID;
"""

_COVER = """
INSERT INTO coverage VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET schedule = min(schedule, excluded.schedule)
"""
_VIOLATE = """
INSERT INTO violations VALUES (?, ?, ?, ?, ?, ?, NULL)
ON CONFLICT DO UPDATE SET schedule = excluded.schedule, choices = excluded.choices, replay = NULL
WHERE excluded.schedule < schedule
"""


class Store:
    """An open store. Use it in a ``with`` block; every error is a StoreError that names the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
        try:
            with self._errors():
                self._prepare()
        except StoreError:
            self._connection.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def begin(self, plan: Plan, title: str, *, resume: bool) -> int:
        """Return the number of a campaign; what is there of it is forgotten unless it is resumed."""
        with self._transaction() as connection:
            if not resume:
                connection.execute("DELETE FROM campaigns WHERE key = ?", (plan.key,))
            connection.execute("INSERT OR IGNORE INTO campaigns (key, title) VALUES (?, ?)", (plan.key, title))
            (number,) = connection.execute("SELECT id FROM campaigns WHERE key = ?", (plan.key,)).fetchone()
        return int(number)

    def add(self, campaign: int, job: SeedsJob, batch: Batch) -> bool:
        """Keep the result of a job; False if it was there already."""
        with self._transaction() as connection:
            cursor = connection.execute(
                "INSERT OR IGNORE INTO done VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (job.key, campaign, batch.first, batch.schedules, batch.transitions, *batch.ends),
            )
            if cursor.rowcount == 0:
                return False
            connection.executemany(_COVER, [(campaign, *point, schedule) for point, schedule in batch.points])
            connection.executemany(_VIOLATE, [(campaign, *met) for met in batch.met])
        return True

    def load(self, campaign: int) -> Tally:
        """Return everything that is done of a campaign."""
        with self._errors():
            done = self._connection.execute("SELECT * FROM done WHERE campaign = ?", (campaign,))
            rows = {first: (schedules, moves, Ends(*ends)) for _, _, first, schedules, moves, *ends in done}
            covered = self._connection.execute(
                "SELECT location, step, version, schedule FROM coverage WHERE campaign = ?", (campaign,)
            )
            points = {Point(*names): schedule for *names, schedule in covered}
            violated = self._connection.execute(
                "SELECT property, kind, site, schedule, choices FROM violations WHERE campaign = ?", (campaign,)
            )
            met = {found[:3]: Met(*found) for found in violated}
        return Tally(rows, points, met)

    def keep_replay(self, campaign: int, met: Met, replay: str) -> None:
        """Keep the replay string of a violation, shrunk."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE violations SET replay = ? WHERE campaign = ? AND property = ? AND kind = ? AND site = ?"
                " AND schedule = ?",
                (replay, campaign, met.property, met.kind, met.site, met.schedule),
            )

    def replay(self, campaign: int, met: Met) -> str | None:
        """Return the replay string of a violation, None if it was not shrunk yet."""
        with self._errors():
            found = self._connection.execute(
                "SELECT replay FROM violations WHERE campaign = ? AND property = ? AND kind = ? AND site = ?"
                " AND schedule = ?",
                (campaign, met.property, met.kind, met.site, met.schedule),
            ).fetchone()
        return found[0] if found else None

    def _prepare(self) -> None:
        """Make the tables, or see that they are ours."""
        with self._transaction() as connection:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if application == 0 and tables == 0:
                for statement in filter(str.strip, _SCHEMA.split(";")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {VERSION}")
            elif application != APPLICATION:
                raise StoreError(f"{self.path} is another program's database, not a result store")
            elif version != VERSION:
                raise StoreError(f"{self.path} is a result store of version {version}; this program reads {VERSION}")
        self._connection.execute("PRAGMA foreign_keys = ON")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and nobody else writes meanwhile."""
        with self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{self.path} cannot be used as a result store: {error}; try --store FILE") from error
