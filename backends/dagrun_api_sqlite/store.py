"""The SQLite store."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.resources import files
from operator import attrgetter
from typing import Any, cast

from dagrun_api.airflow.audit import audit_columns, audit_values, of_cancellation
from dagrun_api.airflow.conf import encode
from dagrun_api.airflow.layout import Layout
from dagrun_api.airflow.progress import StateCount, cancellation, progress
from dagrun_api.airflow.rows import DagRow, run_columns, shared_columns, shared_values
from dagrun_api.airflow.statements import Statements
from dagrun_api.errors import RunsTaken, SchemaMismatch
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
from dagrun_api_sqlite.connections import Connection, Connections, Row
from dagrun_api_sqlite.errors import translated
from dagrun_api_sqlite.timestamps import from_text, to_text, to_texts

__all__ = ["SQLiteStore", "statements"]


def statements(layout: Layout) -> Statements:
    """Return this backend's statements for a layout."""
    parameters = ", ".join("?" for _ in [*run_columns(layout), *shared_columns(layout)])
    text = (files("dagrun_api_sqlite") / "queries.sql").read_text()
    audit_parameters = ", ".join("?" for _ in audit_columns(layout))
    return Statements.of(
        text, layout, parameters=parameters, in_batch=_IN_BATCH, numbered=_NUMBERED, audit_parameters=audit_parameters
    )


_NUMBERED = """ltrim(substr(r.run_id, length(?1) + 2), '0123456789')
    GLOB '[_][0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*'
  AND instr(substr(r.run_id, length(?1) + 2), '_') BETWEEN 8 AND 19"""
"""Whether <number>_<date> follows the first parameter, a prefix, and one character in the id of a run."""

_IN_BATCH = f"r.run_id >= ?1 || '_0' AND r.run_id < ?1 || '_A' AND {_NUMBERED}"
"""Whether the id of a run is <prefix>_<number>_<date>, the prefix being the first parameter."""


class SQLiteStore(Store):
    """A metadata database in one file."""

    def __init__(
        self, connections: Connections, layout: Layout, detect: Callable[[Connection], Awaitable[Layout]]
    ) -> None:
        self._connections = connections
        self._sql = statements(layout)
        self._detect = detect

    @property
    def layout(self) -> Layout:
        """The layout as it was last seen."""
        return self._sql.layout

    async def dags(self) -> list[Dag]:
        rows = await self._fetch_named("dags")
        return [Dag(str(dag_id), _text(path), bool(paused), from_text(date)) for dag_id, path, paused, date in rows]

    async def runs(self, wanted: RunFilter, *, after: int, limit: int) -> list[DagRun]:
        filters = wanted.chosen()
        rows = await self._fetch(lambda sql: sql.page(filters), after, *filters.values(), limit)
        return [_run(row) for row in rows]

    async def runs_named(self, run_id: str, dag_id: str | None, *, limit: int) -> list[DagRun]:
        if dag_id is None:
            rows = await self._fetch_named("runs_named", run_id, limit)
        else:
            rows = await self._fetch_named("run_of_dag", run_id, dag_id, limit)
        return [_run(row) for row in rows]

    async def serialized_dag(self, dag_id: str) -> SerializedDag | None:
        for key, data, compressed in await self._fetch_named("serialized_dag", dag_id):
            return SerializedDag(
                str(key),
                data if isinstance(data, str | bytes) else None,
                compressed if isinstance(compressed, bytes) else None,
            )
        return None

    async def latest_runs(self) -> list[DagRun]:
        return [_run(row) for row in await self._fetch_named("latest_runs")]

    async def progress(self, prefix: Prefix, dag_id: str | None) -> list[BatchProgress]:
        if dag_id is None:
            rows = await self._fetch_named("progress", prefix)
        else:
            rows = await self._fetch_named("progress_of_dag", prefix, dag_id)
        return progress(StateCount(*cast("tuple[Any, ...]", row)) for row in map(_counted, rows))

    async def cancel(
        self, prefix: Prefix, dag_id: str | None, now: datetime, entry: AuditEntry | None = None
    ) -> Cancellation:
        sql = self._sql
        sql.layout.require_writable()
        which, parameters = ("", [prefix]) if dag_id is None else ("_of_dag", [prefix, dag_id])
        with translated():
            async with self._connections.writing() as connection:
                waiting = await connection.fetch(sql[f"unstarted{which}"], parameters)
                before = await connection.fetch(sql[f"progress{which}"], parameters)
                ids = json.dumps([number for number, _ in waiting])
                await connection.fetch(sql["cancel_runs"], (ids, to_text(now)))
                parts = progress(StateCount(*cast("tuple[Any, ...]", row)) for row in map(_counted, before))
                found = cancellation([str(run_id) for _, run_id in waiting], parts)
                if entry is not None and found.run_ids:
                    await _audit(connection, sql, of_cancellation(entry, found, parts))
        return found

    async def set_paused(self, dag_id: str, paused: bool, entry: AuditEntry | None = None) -> bool:
        sql = self._sql
        sql.layout.require_writable()
        with translated():
            async with self._connections.writing() as connection:
                is_there = await connection.insert(sql["set_paused"], [(dag_id, paused)]) == 1
                if entry is not None and is_there:
                    await _audit(connection, sql, entry)
                return is_there

    @asynccontextmanager
    async def batch(self, dag_id: str) -> AsyncGenerator[Batch]:
        sql = self._sql
        sql.layout.require_writable()
        with translated():
            async with self._connections.writing() as connection:
                rows = await connection.fetch(sql["batch_dag"], (dag_id,))
                row = _dag_row(rows[0]) if rows else None
                if row is not None and row.head != sql.layout.head:
                    await self._look_again(connection)
                    raise SchemaMismatch("Airflow has just changed its tables; repeat the request.")
                yield _Batch(connection, sql, dag_id, row)

    async def ready(self) -> None:
        await self._refresh()
        self._sql.layout.require_writable()

    async def describe(self) -> Description:
        ((dags, runs),) = await self._fetch_named("counts")
        return self._sql.layout.describe("SQLite", dags=int(str(dags)), runs=int(str(runs)))

    def state(self) -> StoreState:
        return StoreState("SQLite", self._sql.layout.name, self._connections.usage())

    async def _look_again(self, connection: Connection) -> None:
        layout = await self._detect(connection)
        if layout != self._sql.layout:
            self._sql = statements(layout)

    async def _refresh(self) -> None:
        with translated():
            async with self._connections.reading() as connection:
                await self._look_again(connection)

    async def _fetch_named(self, name: str, *parameters: object) -> list[Row]:
        return await self._fetch(lambda sql: sql[name], *parameters)

    async def _fetch(self, choose: Callable[[Statements], str], *parameters: object) -> list[Row]:
        try:
            return await self._fetch_once(choose(self._sql), parameters)
        except SchemaMismatch:
            # Airflow was upgraded under us.
            await self._refresh()
            return await self._fetch_once(choose(self._sql), parameters)

    async def _fetch_once(self, sql: str, parameters: Sequence[object]) -> list[Row]:
        with translated():
            async with self._connections.reading() as connection:
                return await connection.fetch(sql, parameters)


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
        wanted = dict(zip(to_texts(dates), dates, strict=True))
        rows = await self._connection.fetch(self._sql["taken"], (self._dag_id, json.dumps(list(wanted))))
        return {wanted[str(date)]: str(run_id) for date, run_id in rows}

    async def last_number(self, prefix: Prefix) -> int:
        ((number,),) = await self._connection.fetch(self._sql["last_number"], (prefix, self._dag_id))
        return number if isinstance(number, int) else 0

    async def insert(self, runs: Sequence[PlannedRun], conf: Mapping[str, object], now: datetime) -> None:
        layout = self._sql.layout
        if self._row is None:
            raise LookupError("a run of a DAG that is not in the DagBag")
        *attributes, _conf = run_columns(layout).values()
        columns = [_column(list(map(attrgetter(attribute), runs))) for attribute in attributes]
        common = encode(conf, layout)
        confs = [common if run.conf is None else encode(run.conf, layout) for run in runs]
        shared = [
            to_text(value) if isinstance(value, datetime) else value for value in shared_values(layout, self._row, now)
        ]
        rows = [(*own, *shared) for own in zip(*columns, confs, strict=True)]
        added = await self._connection.insert(self._sql["insert_runs"], rows)
        if added != len(runs):
            raise RunsTaken("Another writer has taken a date of the batch meanwhile; repeat the request.")

    async def audit(self, entry: AuditEntry) -> None:
        await _audit(self._connection, self._sql, entry)


async def _audit(connection: Connection, sql: Statements, entry: AuditEntry) -> None:
    if sql.layout.has_audit:
        await connection.fetch(
            sql["audit"],
            [to_text(value) if isinstance(value, datetime) else value for value in audit_values(sql.layout, entry)],
        )


def _dag_row(row: Row) -> DagRow:
    parsed = DagRow(*cast("tuple[Any, ...]", row))
    return parsed._replace(
        last_scheduled=from_text(parsed.last_scheduled), next_scheduled=from_text(parsed.next_scheduled)
    )


def _counted(row: Row) -> Row:
    dag_id, state, count, first, last = row
    return dag_id, state, count, from_text(first), from_text(last)


def _column(values: Sequence[Any]) -> Sequence[object]:
    return to_texts(values) if isinstance(values[0], datetime) else values


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


def _run(row: Row) -> DagRun:
    number, dag_id, run_id, state, date, start, end, external = row
    return DagRun(
        cast("int", number),
        _text(dag_id),
        _text(run_id),
        _text(state),
        from_text(date),
        from_text(start),
        from_text(end),
        bool(external),
    )
