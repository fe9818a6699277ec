"""The runs in the database: how tests see them, and the rows that the scheduler reads and changes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dagrun_api_sqlite.timestamps import from_text, to_text

__all__ = ["Run", "Runs"]

_COLUMNS = (
    "r.id, r.dag_id, r.run_id, r.state, r.run_type, r.backfill_id, r.execution_date, r.data_interval_start, "
    "r.data_interval_end, r.run_after, r.queued_at, r.start_date, r.end_date, r.conf"
)
_LOCK_TIMEOUT = 10.0


@dataclass(frozen=True, kw_only=True)
class Run:
    """A DAG run; the times are aware, in UTC."""

    id: int
    dag_id: str
    run_id: str
    state: str
    """`queued`, `running`, `success` or `failed`."""
    run_type: str
    """`manual`, or `backfill` for a run of a native backfill."""
    backfill_id: int | None
    """The native backfill that the run belongs to; None if it is an ordinary run."""
    execution_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    run_after: datetime
    queued_at: datetime
    start_date: datetime | None
    """When the run started; None if it is queued, or was cancelled before it started."""
    end_date: datetime | None
    conf: Mapping[str, Any]


class Runs:
    """The table `dag_run` of a SQLite file, read and written independently of the service."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self, where: str = "TRUE", values: Sequence[object] = ()) -> list[Run]:
        """Return the runs that match an SQL condition, in the order of their ids."""
        with self._connected() as connection:
            return _read(connection, where, values)

    @contextmanager
    def changing(self) -> Generator[sqlite3.Connection]:
        """Provide a connection in a transaction that excludes the writes of the service."""
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            # Commits at the end, and rolls back on an exception.
            with connection:
                yield connection

    def startable(self, connection: sqlite3.Connection, dag_id: str | None) -> list[Run]:
        """Return the queued runs that are due, in the order that Airflow starts them: first those of no backfill.

        Those of paused DAGs and of paused backfills are left out.
        """
        return _read(
            connection,
            "r.state = 'queued' AND r.run_after <= ?1 AND (?2 IS NULL OR r.dag_id = ?2) "
            "AND r.dag_id IN (SELECT d.dag_id FROM dag d WHERE d.is_active AND NOT d.is_paused) "
            "AND NOT EXISTS (SELECT 1 FROM backfill b WHERE b.id = r.backfill_id AND b.is_paused)",
            (to_text(datetime.now(UTC)), dag_id),
            order="(SELECT a.sort_ordinal FROM backfill_dag_run a "
            "WHERE a.backfill_id = r.backfill_id AND a.dag_run_id = r.id) NULLS FIRST, r.run_after, r.id",
        )

    def running(self, connection: sqlite3.Connection) -> dict[tuple[str, int | None], int]:
        """Return how many runs of each DAG are running, those of each backfill apart."""
        rows = connection.execute(
            "SELECT dag_id, backfill_id, count(*) FROM dag_run WHERE state = 'running' GROUP BY dag_id, backfill_id"
        )
        return {(dag_id, backfill_id): count for dag_id, backfill_id, count in rows}

    def limits(self, connection: sqlite3.Connection) -> dict[int, int]:
        """Return how many runs of each backfill may be running."""
        return dict(connection.execute("SELECT id, max_active_runs FROM backfill").fetchall())

    def start(self, connection: sqlite3.Connection, ids: Sequence[int]) -> list[Run]:
        """Set runs to running, and return them."""
        return self._change(connection, ids, "state = 'running', start_date", ())

    def finish(self, connection: sqlite3.Connection, ids: Sequence[int], state: str) -> list[Run]:
        """End runs in this state, and return them."""
        return self._change(connection, ids, "state = ?, end_date", (state,))

    def complete_backfills(self, connection: sqlite3.Connection) -> None:
        """End the backfills without a run that is queued or running."""
        connection.execute(
            "UPDATE backfill SET completed_at = ?1, updated_at = ?1 WHERE completed_at IS NULL AND NOT EXISTS "
            "(SELECT 1 FROM dag_run r WHERE r.backfill_id = backfill.id AND r.state IN ('queued', 'running'))",
            (to_text(datetime.now(UTC)),),
        )

    def _change(
        self, connection: sqlite3.Connection, ids: Sequence[int], what: str, values: tuple[str, ...]
    ) -> list[Run]:
        which, numbers = "id IN (SELECT value FROM json_each(?))", json.dumps(list(ids))
        now = to_text(datetime.now(UTC))
        connection.execute(f"UPDATE dag_run SET {what} = ? WHERE {which}", (*values, now, numbers))  # noqa: S608
        return _read(connection, which, (numbers,))

    @contextmanager
    def _connected(self) -> Generator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_LOCK_TIMEOUT, isolation_level=None)) as connection:
            yield connection


def _read(connection: sqlite3.Connection, where: str, values: Sequence[object], *, order: str = "r.id") -> list[Run]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM dag_run r WHERE {where} ORDER BY {order}", values)  # noqa: S608
    return [_run(row) for row in rows]


def _run(row: Sequence[Any]) -> Run:
    number, dag_id, run_id, state, run_type, backfill_id, *times, conf = row
    # All except the last two are NOT NULL.
    instants: list[Any] = list(map(from_text, times))
    date, interval_start, interval_end, run_after, queued_at, start_date, end_date = instants
    return Run(
        id=number,
        dag_id=dag_id,
        run_id=run_id,
        state=state,
        run_type=run_type,
        backfill_id=backfill_id,
        execution_date=date,
        data_interval_start=interval_start,
        data_interval_end=interval_end,
        run_after=run_after,
        queued_at=queued_at,
        start_date=start_date,
        end_date=end_date,
        conf=json.loads(conf),
    )
