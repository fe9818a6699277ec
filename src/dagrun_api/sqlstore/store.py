"""A metadata database in SQL."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from dagrun_api.airflow.audit import of_cancellation
from dagrun_api.airflow.layout import Layout
from dagrun_api.airflow.progress import StateCount, cancellation, progress
from dagrun_api.airflow.rows import DagRow
from dagrun_api.airflow.statements import Query, Statements
from dagrun_api.errors import SchemaMismatch
from dagrun_api.model import (
    AuditEntry,
    BatchProgress,
    Cancellation,
    Dag,
    DagRun,
    Description,
    Prefix,
    RunFilter,
    SerializedDag,
)
from dagrun_api.sqlstore.batch import SQLBatch, audit
from dagrun_api.sqlstore.dialect import Connection, Connections, Dialect, Row
from dagrun_api.sqlstore.schema import detect_layout
from dagrun_api.store import Batch, Store, StoreOptions, StoreState

__all__ = ["SQLStore"]


class SQLStore(Store):
    """A store on the connections of a backend."""

    def __init__(self, connections: Connections, dialect: Dialect, layout: Layout, options: StoreOptions) -> None:
        self._connections = connections
        self._dialect = dialect
        self._sql = dialect.statements(layout)
        self._options = options

    @property
    def layout(self) -> Layout:
        """The layout that was last detected."""
        return self._sql.layout

    async def dags(self) -> list[Dag]:
        return list(map(self._dialect.dag, await self._fetch("dags")))

    async def runs(self, wanted: RunFilter, *, after: int, limit: int) -> list[DagRun]:
        rows = await self._read(lambda sql: sql.page(wanted, after=after, limit=limit))
        return list(map(self._dialect.run, rows))

    async def runs_named(self, run_id: str, dag_id: str | None, *, limit: int) -> list[DagRun]:
        if dag_id is None:
            rows = await self._fetch("runs_named", run_id, limit)
        else:
            rows = await self._fetch("run_of_dag", run_id, dag_id, limit)
        return list(map(self._dialect.run, rows))

    async def serialized_dag(self, dag_id: str) -> SerializedDag | None:
        for key, data, compressed in await self._fetch("serialized_dag", dag_id):
            # SQLite allows a value of any type in any column.
            return SerializedDag(
                str(key),
                data if isinstance(data, str | bytes) else None,
                compressed if isinstance(compressed, bytes) else None,
            )
        return None

    @asynccontextmanager
    async def batch(self, dag_id: str) -> AsyncGenerator[Batch]:
        sql = self._sql
        sql.layout.require_writable()
        async with self._connections.writing() as connection:
            rows = await connection.fetch(sql["batch_dag"], dag_id)
            row = self._dag_row(rows[0]) if rows else None
            if row is not None and row.head != sql.layout.head:
                await self._refresh(connection)
                raise SchemaMismatch("Airflow has just changed its tables; repeat the request.")
            yield SQLBatch(connection, self._dialect, sql, dag_id, row)

    async def latest_runs(self) -> list[DagRun]:
        return list(map(self._dialect.run, await self._fetch("latest_runs")))

    async def progress(self, prefix: Prefix, dag_id: str | None) -> list[BatchProgress]:
        if dag_id is None:
            rows = await self._fetch("progress", prefix)
        else:
            rows = await self._fetch("progress_of_dag", prefix, dag_id)
        return self._progress(rows)

    async def cancel(self, prefix: Prefix, dag_id: str | None, now: datetime, entry: AuditEntry) -> Cancellation:
        sql = self._sql
        sql.layout.require_writable()
        which, parameters = ("", [prefix]) if dag_id is None else ("_of_dag", [prefix, dag_id])
        async with self._connections.writing() as connection:
            unstarted = [(id_, run_id) for id_, run_id in await connection.fetch(sql[f"unstarted{which}"], *parameters)]
            before = self._progress(await connection.fetch(sql[f"progress{which}"], *parameters))
            await connection.execute(sql["cancel_runs"], [id_ for id_, _ in unstarted], now)
            found = cancellation([str(run_id) for _, run_id in unstarted], before)
            if found.run_ids:
                await audit(connection, sql, of_cancellation(entry, found, before))
        return found

    async def set_paused(self, dag_id: str, paused: bool, entry: AuditEntry) -> bool:
        sql = self._sql
        sql.layout.require_writable()
        async with self._connections.writing() as connection:
            is_there = await connection.execute(sql["set_paused"], dag_id, paused) == 1
            if is_there:
                await audit(connection, sql, entry)
        return is_there

    async def ready(self) -> None:
        await self._detect_again()
        self.layout.require_writable()
        (await self._connections.obstacles(audit=self.layout.has_audit)).require_none()

    async def describe(self) -> Description:
        ((dags, runs),) = await self._fetch("counts")
        found = await self._connections.obstacles(audit=self.layout.has_audit)
        return self.layout.describe(
            self._dialect.name, dags=dags, runs=runs, refusal=found.refusal, missing=found.missing
        )

    def state(self) -> StoreState:
        return StoreState(self._dialect.name, self.layout.name, self._connections.usage())

    def _dag_row(self, row: Row) -> DagRow:
        found, instant = DagRow(*row), self._dialect.instant
        return found._replace(
            last_scheduled=instant(found.last_scheduled), next_scheduled=instant(found.next_scheduled)
        )

    def _progress(self, rows: Sequence[Row]) -> list[BatchProgress]:
        instant = self._dialect.instant
        return progress(
            StateCount(dag_id, state, runs, instant(first), instant(last)) for dag_id, state, runs, first, last in rows
        )

    async def _fetch(self, name: str, *parameters: object) -> Sequence[Row]:
        return await self._read(lambda sql: Query(sql[name], parameters))

    async def _read(self, choose: Callable[[Statements], Query]) -> Sequence[Row]:
        try:
            text, parameters = choose(self._sql)
            return await self._connections.fetch(text, *parameters)
        except SchemaMismatch:
            # Airflow was upgraded since the layout was detected.
            await self._detect_again()
            text, parameters = choose(self._sql)
            return await self._connections.fetch(text, *parameters)

    async def _detect_again(self) -> None:
        async with self._connections.reading() as connection:
            await self._refresh(connection)

    async def _refresh(self, connection: Connection) -> None:
        layout = await detect_layout(connection, self._dialect, self._options)
        if layout != self.layout:
            self._sql = self._dialect.statements(layout)
