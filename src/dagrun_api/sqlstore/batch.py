"""One transaction on one DAG, in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from dagrun_api.airflow.audit import audit_values
from dagrun_api.airflow.conf import encode
from dagrun_api.airflow.rows import DagRow, run_columns, shared_values
from dagrun_api.airflow.run_ids import stem
from dagrun_api.airflow.statements import Statements
from dagrun_api.errors import RunsTaken
from dagrun_api.model import AuditEntry, PlannedRun, Prefix, TargetDag
from dagrun_api.sqlstore.dialect import Connection, Dialect, Row
from dagrun_api.store import Batch

__all__ = ["SQLBatch", "audit", "last_number", "taken"]


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

    async def last_number(self, prefix: Prefix) -> int:
        return last_number(await self._connection.fetch(self._sql["last_number"], prefix, self._dag_id))

    async def has_number(self, prefix: Prefix, number: int) -> bool:
        ((found,),) = await self._connection.fetch(self._sql["has_number"], stem(prefix, number), self._dag_id)
        return bool(found)

    async def insert(self, runs: Sequence[PlannedRun], conf: Mapping[str, object], now: datetime) -> None:
        layout = self._sql.layout
        if self._row is None:
            raise LookupError("a run of a DAG that is not in the DagBag")
        *attributes, _conf = run_columns(layout).values()
        columns: list[list[object]] = [list(map(attrgetter(attribute), runs)) for attribute in attributes]
        confs = [None if run.conf is None else encode(run.conf, layout) for run in runs]
        shared = shared_values(layout, self._row, now)
        sql = self._sql["insert_runs"]
        added = await self._connection.insert_runs(sql, columns, confs, shared, encode(conf, layout))
        if added != len(runs):
            raise RunsTaken("Another writer has taken a date of this batch; repeat the request.")

    async def audit(self, entry: AuditEntry) -> None:
        await audit(self._connection, self._sql, entry)


def taken(rows: Iterable[Row], dialect: Dialect) -> dict[datetime, str]:
    """Return the dates that the statement `taken` found, each with the id of its run."""
    found = [(dialect.instant(date), str(run_id)) for date, run_id in rows]
    return {date: run_id for date, run_id in found if date is not None}


def last_number(rows: Sequence[Row]) -> int:
    """Return the number that the statement `last_number` found."""
    ((number,),) = rows
    return number or 0


async def audit(connection: Connection, sql: Statements, entry: AuditEntry) -> None:
    """Add a row to Airflow's log inside the transaction that is open, where the option `audit_log` is on."""
    if sql.layout.has_audit:
        await connection.execute(sql["audit"], *audit_values(sql.layout, entry))
