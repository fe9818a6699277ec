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
    "id, dag_id, run_id, state, execution_date, data_interval_start, data_interval_end, run_after, queued_at, "
    "start_date, end_date, conf"
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
        """Return the queued runs that are due, of DAGs that are not paused, in the order that Airflow starts them."""
        found = _read(
            connection,
            "state = 'queued' AND run_after <= ?1 AND (?2 IS NULL OR dag_id = ?2) "
            "AND dag_id IN (SELECT d.dag_id FROM dag d WHERE d.is_active AND NOT d.is_paused)",
            (to_text(datetime.now(UTC)), dag_id),
        )
        return sorted(found, key=lambda run: (run.run_after, run.id))

    def running(self, connection: sqlite3.Connection) -> dict[str, int]:
        """Return how many runs of each DAG are running."""
        rows = connection.execute("SELECT dag_id, count(*) FROM dag_run WHERE state = 'running' GROUP BY dag_id")
        return dict(rows.fetchall())

    def start(self, connection: sqlite3.Connection, ids: Sequence[int]) -> list[Run]:
        """Set runs to running, and return them."""
        return self._change(connection, ids, "state = 'running', start_date", ())

    def finish(self, connection: sqlite3.Connection, ids: Sequence[int], state: str) -> list[Run]:
        """End runs in this state, and return them."""
        return self._change(connection, ids, "state = ?, end_date", (state,))

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


def _read(connection: sqlite3.Connection, where: str, values: Sequence[object]) -> list[Run]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM dag_run WHERE {where} ORDER BY id", values)  # noqa: S608
    return [_run(row) for row in rows]


def _run(row: Sequence[Any]) -> Run:
    number, dag_id, run_id, state, *times, conf = row
    # All except the last two are NOT NULL.
    instants: list[Any] = list(map(from_text, times))
    date, interval_start, interval_end, run_after, queued_at, start_date, end_date = instants
    return Run(
        id=number,
        dag_id=dag_id,
        run_id=run_id,
        state=state,
        execution_date=date,
        data_interval_start=interval_start,
        data_interval_end=interval_end,
        run_after=run_after,
        queued_at=queued_at,
        start_date=start_date,
        end_date=end_date,
        conf=json.loads(conf),
    )
