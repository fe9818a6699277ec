"""The limit of creating 500 runs: the statements that write the same rows, sent by a driver alone."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import asyncpg
import orjson
from tests.bench.worlds import Crowd
from tests.databases.worlds import PostgresWorld

from dagrun_api.airflow.backfill_rows import backfill_values, ordinals
from dagrun_api.airflow.conf import encode
from dagrun_api.airflow.layout import Layout
from dagrun_api.airflow.rows import DagRow, run_columns, shared_values
from dagrun_api.airflow.run_ids import build
from dagrun_api.model import MAX_BATCH, NativeBackfill, PlannedRun, Prefix, RunType
from dagrun_api_postgres.statements import statements as postgres_statements
from dagrun_api_sqlite.statements import statements as sqlite_statements
from dagrun_api_sqlite.timestamps import to_text

__all__ = ["MINUTE", "Bare", "opened"]

MINUTE = timedelta(minutes=1)

_LIMIT = 2
"""How many runs of a native backfill may be active at once."""


class Bare(Protocol):
    """A driver alone. Each method returns the seconds that it took, without the making of its arguments."""

    async def insert(self, dag_id: str, start: datetime) -> float:
        """Write 500 ordinary runs in a transaction."""
        ...

    async def backfill(self, dag_id: str, start: datetime, joined: int | None = None) -> tuple[float, int]:
        """Write 500 runs of a native backfill, new or joined, in a transaction; return its id as well."""
        ...


@asynccontextmanager
async def opened(crowd: Crowd) -> AsyncGenerator[Bare]:
    """Connect to a database."""
    layout = crowd.world.layout
    if isinstance(crowd.world, PostgresWorld):
        connection = await asyncpg.connect(crowd.url)
        try:
            yield _BarePostgres(connection, layout)
        finally:
            await connection.close()
    else:
        file = sqlite3.connect(crowd.url.removeprefix("sqlite:///"), isolation_level=None)
        try:
            yield _BareSQLite(file, layout)
        finally:
            file.close()


class _BarePostgres:
    def __init__(self, connection: asyncpg.Connection[asyncpg.Record], layout: Layout) -> None:
        self._connection = connection
        self._layout = layout
        self._sql = postgres_statements(layout)

    async def insert(self, dag_id: str, start: datetime) -> float:
        arguments = await self._arguments(dag_id, _runs(start), None)
        begun = time.perf_counter()
        status = await self._connection.execute(self._sql["insert_runs"], *arguments)
        taken = time.perf_counter() - begun
        assert status == f"INSERT 0 {MAX_BATCH}"
        return taken

    async def backfill(self, dag_id: str, start: datetime, joined: int | None = None) -> tuple[float, int]:
        runs, sql, send = _runs(start), self._sql, self._connection
        name, values = _backfill(self._layout, dag_id, runs, joined)
        # The id is known only in the transaction.
        id_ = joined or await send.fetchval("SELECT max(id) + 1 FROM backfill") or 1
        arguments, order = await self._arguments(dag_id, runs, id_), _order(runs, joined)
        begun = time.perf_counter()
        async with send.transaction():
            new = await send.fetchval(sql[name], *values)
            await send.execute(sql["insert_runs"], *arguments)
            status = await send.execute(sql["add_backfill_runs"], id_, dag_id, order)
        taken = time.perf_counter() - begun
        assert (new or id_, status) == (id_, f"INSERT 0 {MAX_BATCH}")
        return taken, id_

    async def _arguments(self, dag_id: str, runs: Sequence[PlannedRun], backfill_id: int | None) -> list[Any]:
        arrays = [*_columns(self._layout, runs), [None] * MAX_BATCH]
        dag = await self._connection.fetchrow(self._sql["target_dag"], dag_id)
        assert dag is not None
        return [*arrays, *_shared(self._layout, tuple(dag), backfill_id), encode({}, self._layout)]


class _BareSQLite:
    def __init__(self, connection: sqlite3.Connection, layout: Layout) -> None:
        self._connection = connection
        self._layout = layout
        self._sql = sqlite_statements(layout)

    async def insert(self, dag_id: str, start: datetime) -> float:
        rows = self._rows(dag_id, _runs(start), None)
        begun = time.perf_counter()
        self._connection.execute("BEGIN IMMEDIATE")
        added = self._connection.executemany(self._sql["insert_runs"], rows).rowcount
        self._connection.execute("COMMIT")
        taken = time.perf_counter() - begun
        assert added == MAX_BATCH
        return taken

    async def backfill(self, dag_id: str, start: datetime, joined: int | None = None) -> tuple[float, int]:
        runs, sql, send = _runs(start), self._sql, self._connection.execute
        name, values = _backfill(self._layout, dag_id, runs, joined)
        ((highest,),) = send("SELECT max(id) FROM backfill").fetchall()
        id_ = joined or (highest or 0) + 1
        rows, order = self._rows(dag_id, runs, id_), _order(runs, joined)
        bound = list(map(_bound, values))
        begun = time.perf_counter()
        send("BEGIN IMMEDIATE")
        send(sql[name], bound).fetchall()
        self._connection.executemany(sql["insert_runs"], rows)
        added = send(sql["add_backfill_runs"], (id_, dag_id, order)).rowcount
        send("COMMIT")
        taken = time.perf_counter() - begun
        assert added == MAX_BATCH
        return taken, id_

    def _rows(self, dag_id: str, runs: Sequence[PlannedRun], backfill_id: int | None) -> list[list[Any]]:
        own = zip(*_columns(self._layout, runs), [encode({}, self._layout)] * MAX_BATCH, strict=True)
        dag = self._connection.execute(self._sql["target_dag"], (dag_id,)).fetchone()
        shared = _shared(self._layout, dag, backfill_id)
        return [list(map(_bound, (*each, *shared))) for each in own]


def _bound(value: Any) -> Any:
    return to_text(value) if isinstance(value, datetime) else value


def _runs(start: datetime) -> list[PlannedRun]:
    dates = [start + place * MINUTE for place in range(MAX_BATCH)]
    ids = build(Prefix(f"bare{start:%d%H}"), 1, dates)
    return [
        PlannedRun(run_id, date, date, date + MINUTE, date + MINUTE) for run_id, date in zip(ids, dates, strict=True)
    ]


def _shared(layout: Layout, dag: Sequence[Any], backfill_id: int | None) -> list[Any]:
    # With the DAG's own version and log template, so that their foreign keys are checked here, too.
    run_type = RunType.MANUAL if backfill_id is None else RunType.BACKFILL
    return shared_values(layout, DagRow(*dag), datetime.now(UTC), run_type, backfill_id)


def _columns(layout: Layout, runs: Sequence[PlannedRun]) -> list[list[Any]]:
    *attributes, _conf = run_columns(layout).values()
    return [[getattr(run, attribute) for run in runs] for attribute in attributes]


def _backfill(layout: Layout, dag_id: str, runs: Sequence[PlannedRun], joined: int | None) -> tuple[str, list[Any]]:
    """Return the statement for the row of `backfill`, with its parameters."""
    now = datetime.now(UTC)
    if joined is not None:
        return "join_backfill", [joined, _LIMIT, runs[0].logical_date, runs[-1].logical_date, now]
    wanted = NativeBackfill(max_active_runs=_LIMIT)
    return "add_backfill", backfill_values(layout, dag_id, wanted, runs, {}, now)


def _order(runs: Sequence[PlannedRun], joined: int | None) -> str:
    return orjson.dumps(ordinals(runs, NativeBackfill(joined, _LIMIT))).decode()
