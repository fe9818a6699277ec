"""One transaction on one DAG, in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

import orjson

from dagrun_api.airflow.audit import audit_values
from dagrun_api.airflow.backfill_rows import backfill_values, ordinals
from dagrun_api.airflow.conf import encode
from dagrun_api.airflow.rows import DagRow, run_columns, shared_values
from dagrun_api.airflow.run_ids import stem
from dagrun_api.airflow.statements import Statements
from dagrun_api.errors import BackfillGone, RunsTaken
from dagrun_api.model import AuditEntry, LastRun, NativeBackfill, PlannedRun, Prefix, RunType, TargetDag
from dagrun_api.sqlstore.dialect import Connection, Dialect, Row
from dagrun_api.store import Batch

__all__ = ["SQLBatch", "audit", "last_run", "taken"]

_TAKEN = "Another writer has taken a date of this batch; repeat the request."


class SQLBatch(Batch):
    """A batch on a connection that is inside a transaction; `row` is the locked row of the DAG."""

    def __init__(
        self, connection: Connection, dialect: Dialect, sql: Statements, dag_id: str, row: DagRow | None
    ) -> None:
        self._connection = connection
        self._dialect = dialect
        self._sql = sql
        self._dag_id = dag_id
        self._row = row

    @property
    def dag(self) -> TargetDag | None:
        return self._row.target(self._sql.layout) if self._row is not None else None

    async def taken(self, dates: Sequence[datetime]) -> Mapping[datetime, str]:
        return taken(await self._connection.fetch(self._sql["taken"], self._dag_id, list(dates)), self._dialect)

    async def last_run(self, prefix: Prefix) -> LastRun:
        return last_run(await self._connection.fetch(self._sql["last_run"], prefix, self._dag_id))

    async def has_number(self, prefix: Prefix, number: int) -> bool:
        ((found,),) = await self._connection.fetch(self._sql["has_number"], stem(prefix, number), self._dag_id)
        return bool(found)

    async def insert(
        self,
        runs: Sequence[PlannedRun],
        conf: Mapping[str, object],
        now: datetime,
        *,
        run_type: RunType = RunType.MANUAL,
        backfill: NativeBackfill | None = None,
    ) -> int | None:
        layout = self._sql.layout
        if self._row is None:
            raise LookupError("a run of a DAG that is not in the DagBag")
        backfill_id = None if backfill is None else await self._opened(backfill, runs, conf, now)
        *attributes, _conf = run_columns(layout).values()
        columns: list[list[object]] = [list(map(attrgetter(attribute), runs)) for attribute in attributes]
        confs = [None if run.conf is None else encode(run.conf, layout) for run in runs]
        shared = shared_values(layout, self._row, now, run_type, backfill_id)
        sql = self._sql["insert_runs"]
        added = await self._connection.insert_runs(sql, columns, confs, shared, encode(conf, layout))
        if added != len(runs):
            raise RunsTaken(_TAKEN)
        if backfill is not None:
            order = orjson.dumps(ordinals(runs, backfill)).decode()
            await self._connection.execute(self._sql["add_backfill_runs"], backfill_id, self._dag_id, order)
        return backfill_id

    async def _opened(
        self, wanted: NativeBackfill, runs: Sequence[PlannedRun], conf: Mapping[str, object], now: datetime
    ) -> int:
        """Return the id of a native backfill that is open, and covers the dates of these runs."""
        if wanted.id is None:
            values = backfill_values(self._sql.layout, self._dag_id, wanted, runs, conf, now)
            ((new,),) = await self._connection.fetch(self._sql["add_backfill"], *values)
            return int(new)
        first, last = runs[0].logical_date, runs[-1].logical_date
        sql = self._sql["join_backfill"]
        if not await self._connection.execute(sql, wanted.id, wanted.max_active_runs, first, last, now):
            raise BackfillGone("The backfill of this batch was deleted; repeat the request.")
        return wanted.id

    async def audit(self, entry: AuditEntry) -> None:
        await audit(self._connection, self._sql, entry)


def taken(rows: Iterable[Row], dialect: Dialect) -> dict[datetime, str]:
    """Return the dates that the statement `taken` found, each with the id of its run."""
    found = [(dialect.instant(date), str(run_id)) for date, run_id in rows]
    return {date: run_id for date, run_id in found if date is not None}


def last_run(rows: Sequence[Row]) -> LastRun:
    """Return the run that the statement `last_run` found."""
    return LastRun(*rows[0]) if rows else LastRun()


async def audit(connection: Connection, sql: Statements, entry: AuditEntry) -> None:
    """Add a row to Airflow's log inside the transaction that is open, where the option `audit_log` is on."""
    if sql.layout.has_audit:
        await connection.execute(sql["audit"], *audit_values(sql.layout, entry))
