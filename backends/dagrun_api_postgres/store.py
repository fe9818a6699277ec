"""The PostgreSQL store."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.resources import files
from operator import attrgetter

import asyncpg

from dagrun_api.airflow.audit import audit_columns, audit_values, of_cancellation
from dagrun_api.airflow.conf import encode
from dagrun_api.airflow.layout import Layout
from dagrun_api.airflow.progress import StateCount, cancellation, progress
from dagrun_api.airflow.rows import DagRow, run_columns, shared_columns, shared_values
from dagrun_api.airflow.statements import Statements
from dagrun_api.errors import RunsTaken, SchemaMismatch, Unreachable
from dagrun_api.model import (
    AuditEntry,
    BatchProgress,
    Cancellation,
    Dag,
    DagRun,
    Description,
    PlannedRun,
    Prefix,
    RunFilter,
    SerializedDag,
    TargetDag,
)
from dagrun_api.store import Batch, Store, StoreState
from dagrun_api_postgres.connections import LOST, Connection, Connections

__all__ = ["PostgresStore", "statements"]


def statements(layout: Layout) -> Statements:
    """Return this backend's statements for a layout."""
    types = {name: column.type for name, column in layout.columns["dag_run"].items()}
    own, shared = list(run_columns(layout)), list(shared_columns(layout))
    # As text, since a pool that we share may have codecs of its own for json.
    sent = {name: "text" if types[name] in ("json", "jsonb") else types[name] for name in own}
    conf = f"COALESCE(n.conf, ${len(own) + len(shared) + 1}::{sent['conf']})::{types['conf']}"
    return Statements.of(
        (files("dagrun_api_postgres") / "queries.sql").read_text(),
        layout,
        arrays=", ".join(f"${place}::{sent[name]}[]" for place, name in enumerate(own, 1)),
        run_values=", ".join(f"n.{name}" if name != "conf" else conf for name in own),
        shared_values=", ".join(_value(place, types[name]) for place, name in enumerate(shared, len(own) + 1)),
        in_batch=_IN_BATCH,
        audit_parameters=", ".join(f"${place}" for place, _ in enumerate(audit_columns(layout), 1)),
    )


def _value(place: int, type_: str) -> str:
    # Airflow 2.1 and 2.2 made queued_at without a time zone; it holds UTC all the same.
    if type_ == "timestamp without time zone":
        return f"${place}::timestamptz AT TIME ZONE 'UTC'"
    return f"${place}::{type_}"


_IN_BATCH = """r.run_id >= $1::text || '_0' AND r.run_id < $1::text || '_A' AND starts_with(r.run_id, $1::text || '_')
  AND substr(r.run_id, length($1::text) + 2) ~ '^[0-9]{7,18}_[0-9]{4}-[0-9]{2}-[0-9]{2}T'"""
"""Whether the id of a run is <prefix>_<number>_<date>, the prefix being the first parameter.

The two bounds keep to a range of the index on (dag_id, run_id) in every collation: behind the same prefix, digits come
before letters.
"""


class PostgresStore(Store):
    """A metadata database on a server."""

    def __init__(
        self,
        connections: Connections,
        layout: Layout,
        detect: Callable[[Connection], Awaitable[Layout]],
    ) -> None:
        self._connections = connections
        self._sql = statements(layout)
        self._detect = detect

    @property
    def layout(self) -> Layout:
        """The layout as it was last seen."""
        return self._sql.layout

    async def dags(self) -> list[Dag]:
        return list(map(Dag._make, await self._fetch_named("dags")))

    async def runs(self, wanted: RunFilter, *, after: int, limit: int) -> list[DagRun]:
        filters = wanted.chosen()
        rows = await self._fetch(lambda sql: _numbered(sql.page(filters)), after, limit, *filters.values())
        return list(map(DagRun._make, rows))

    async def runs_named(self, run_id: str, dag_id: str | None, *, limit: int) -> list[DagRun]:
        if dag_id is None:
            rows = await self._fetch_named("runs_named", run_id, limit)
        else:
            rows = await self._fetch_named("run_of_dag", run_id, dag_id, limit)
        return list(map(DagRun._make, rows))

    async def serialized_dag(self, dag_id: str) -> SerializedDag | None:
        for row in await self._fetch_named("serialized_dag", dag_id):
            return SerializedDag(*row)
        return None

    async def latest_runs(self) -> list[DagRun]:
        return list(map(DagRun._make, await self._fetch_named("latest_runs")))

    async def progress(self, prefix: Prefix, dag_id: str | None) -> list[BatchProgress]:
        if dag_id is None:
            rows = await self._fetch_named("progress", prefix)
        else:
            rows = await self._fetch_named("progress_of_dag", prefix, dag_id)
        return progress(StateCount(*row) for row in rows)

    async def cancel(
        self, prefix: Prefix, dag_id: str | None, now: datetime, entry: AuditEntry | None = None
    ) -> Cancellation:
        sql = self._sql
        sql.layout.require_writable()
        which, parameters = ("", [prefix]) if dag_id is None else ("_of_dag", [prefix, dag_id])
        async with self._connections.writing() as connection:
            waiting = await connection.fetch(sql[f"unstarted{which}"], *parameters)
            before = await connection.fetch(sql[f"progress{which}"], *parameters)
            await connection.execute(sql["cancel_runs"], [row[0] for row in waiting], now)
            parts = progress(StateCount(*row) for row in before)
            found = cancellation([row[1] for row in waiting], parts)
            if entry is not None and found.run_ids:
                await _audit(connection, sql, of_cancellation(entry, found, parts))
        return found

    async def set_paused(self, dag_id: str, paused: bool, entry: AuditEntry | None = None) -> bool:
        sql = self._sql
        sql.layout.require_writable()
        async with self._connections.writing() as connection:
            is_there = await connection.execute(sql["set_paused"], dag_id, paused) == "UPDATE 1"
            if entry is not None and is_there:
                await _audit(connection, sql, entry)
            return is_there

    @asynccontextmanager
    async def batch(self, dag_id: str) -> AsyncGenerator[Batch]:
        sql = self._sql
        sql.layout.require_writable()
        try:
            async with self._connections.writing() as connection:
                record = await connection.fetchrow(sql["batch_dag"], dag_id)
                row = DagRow(*record) if record is not None else None
                if row is not None and row.head != sql.layout.head:
                    await self._look_again(connection)
                    raise SchemaMismatch("Airflow has just changed its tables; repeat the request.")
                yield _Batch(connection, sql, dag_id, row)
        except Unreachable as error:
            raise Unreachable(LOST) from error.__cause__

    async def ready(self) -> None:
        await self._refresh()
        self._sql.layout.require_writable()

    async def describe(self) -> Description:
        ((dags, runs),) = await self._fetch_named("counts")
        missing = tuple(row[0] for row in await self._fetch_named("missing_privileges"))
        return self._sql.layout.describe("PostgreSQL", dags=dags, runs=runs, missing=missing)

    def state(self) -> StoreState:
        return StoreState("PostgreSQL", self._sql.layout.name, self._connections.usage())

    async def _look_again(self, connection: Connection) -> None:
        layout = await self._detect(connection)
        if layout != self._sql.layout:
            self._sql = statements(layout)

    async def _refresh(self) -> None:
        async with self._connections.reading() as connection:
            await self._look_again(connection)

    async def _fetch_named(self, name: str, *parameters: object) -> list[asyncpg.Record]:
        return await self._fetch(lambda sql: sql[name], *parameters)

    async def _fetch(self, choose: Callable[[Statements], str], *parameters: object) -> list[asyncpg.Record]:
        try:
            return await self._connections.fetch(choose(self._sql), parameters)
        except Unreachable:
            # Connections that died while they were idle show it only when used. A read may be repeated.
            await self._connections.expire()
            return await self._connections.fetch(choose(self._sql), parameters)
        except SchemaMismatch:
            # Airflow was upgraded under us.
            await self._refresh()
            return await self._connections.fetch(choose(self._sql), parameters)


class _Batch(Batch):
    def __init__(self, connection: Connection, sql: Statements, dag_id: str, row: DagRow | None) -> None:
        self._connection = connection
        self._sql = sql
        self._dag_id = dag_id
        self._row = row

    @property
    def dag(self) -> TargetDag | None:
        return self._row.target(self._sql.layout) if self._row is not None else None

    async def taken(self, dates: Sequence[datetime]) -> Mapping[datetime, str]:
        rows = await self._connection.fetch(self._sql["taken"], self._dag_id, dates)
        return {row[0]: row[1] for row in rows}

    async def last_number(self, prefix: Prefix) -> int:
        ((number,),) = await self._connection.fetch(self._sql["last_number"], prefix, self._dag_id)
        return number or 0

    async def insert(self, runs: Sequence[PlannedRun], conf: Mapping[str, object], now: datetime) -> None:
        layout = self._sql.layout
        if self._row is None:
            raise LookupError("a run of a DAG that is not in the DagBag")
        shared = shared_values(layout, self._row, now)
        *attributes, _conf = run_columns(layout).values()
        arrays = [list(map(attrgetter(attribute), runs)) for attribute in attributes]
        confs = [None if run.conf is None else encode(run.conf, layout) for run in runs]
        status = await self._connection.execute(self._sql["insert_runs"], *arrays, confs, *shared, encode(conf, layout))
        if int(status.rpartition(" ")[2]) != len(runs):
            raise RunsTaken("Another writer has taken a date of the batch meanwhile; repeat the request.")

    async def audit(self, entry: AuditEntry) -> None:
        await _audit(self._connection, self._sql, entry)


async def _audit(connection: Connection, sql: Statements, entry: AuditEntry) -> None:
    if sql.layout.has_audit:
        await connection.execute(sql["audit"], *audit_values(sql.layout, entry))


def _numbered(page: str) -> str:
    # The conditions follow $1 (the id to start after) and $2 (the limit).
    first, *rest = page.split("$#")
    return first + "".join(f"${place}{part}" for place, part in enumerate(rest, 3))
