"""How long 500 runs take: the service over HTTP, next to the one statement that writes the same rows."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import asyncpg
from tests.bench import load
from tests.bench.measuring import Pair, alternately
from tests.bench.serving import Connection, Served
from tests.bench.worlds import BIG, Crowd
from tests.databases.worlds import PostgresWorld

from dagrun_api.airflow.conf import encode
from dagrun_api.airflow.layout import Layout
from dagrun_api.airflow.rows import DagRow, run_columns, shared_values
from dagrun_api.airflow.run_ids import build
from dagrun_api.model import MAX_BATCH, PlannedRun, Prefix, RunType
from dagrun_api_postgres.statements import statements as postgres_statements
from dagrun_api_sqlite.statements import statements as sqlite_statements
from dagrun_api_sqlite.timestamps import to_text

__all__ = ["creating", "creating_at_once"]

MINUTE = timedelta(minutes=1)
WINDOW = datetime(2020, 1, 1, tzinfo=UTC)
"""Where the windows begin: behind every run that is there."""

RUNS_PATH = "/api/v1/dag_runs"


class Bare(Protocol):
    """A driver alone."""

    async def insert(self, dag_id: str, start: datetime) -> float:
        """Write 500 rows in a transaction; return the seconds that it took, without the making of its arguments."""
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...


def body(dag_id: str, start: datetime) -> dict[str, object]:
    """Return what asks for 500 runs of a DAG that runs each minute."""
    end = start + (MAX_BATCH - 1) * MINUTE
    return {"dag_id": dag_id, "prefix": "bench", "start_date": start.isoformat(), "end_date": end.isoformat()}


async def creating(crowd: Crowd, served: Served, *, big: bool, times: int) -> Pair:
    """Create batches one after the other, on fresh DAGs or on the one that has 100,000 runs."""
    bare = await _bare(crowd)
    client = Connection(served.port)
    start = WINDOW

    def target() -> tuple[str, datetime]:
        nonlocal start
        start += 2 * MAX_BATCH * MINUTE
        return (BIG, start) if big else (crowd.next_fresh(), WINDOW)

    async def ours() -> float:
        dag_id, first = target()
        # The first request for a DAG reads its schedule, and keeps it.
        client.post(RUNS_PATH, {**body(dag_id, first), "dry_run": True})
        request = body(dag_id, first)
        begun = time.perf_counter()
        answer = client.post(RUNS_PATH, request)
        taken = time.perf_counter() - begun
        assert len(json.loads(answer)["response"]["dag_run_ids"]) == MAX_BATCH
        return taken

    async def limit() -> float:
        return await bare.insert(*target())

    try:
        return await alternately(limit, ours, times)
    finally:
        client.close()
        await bare.close()


def creating_at_once(crowd: Crowd, served: Served, *, clients: int, times: int) -> load.Load:
    """Create batches on fresh DAGs, by several clients at once."""
    dags = [crowd.next_fresh() for _ in range(clients * times)]
    with served.client() as client:
        for dag_id in dags:
            client.post(RUNS_PATH, {**body(dag_id, WINDOW), "dry_run": True})
    return load.run(served.port, [load.post(RUNS_PATH, body(dag_id, WINDOW)) for dag_id in dags], clients=clients)


def _specs(start: datetime) -> list[PlannedRun]:
    dates = [start + place * MINUTE for place in range(MAX_BATCH)]
    ids = build(Prefix("bare"), 1, dates)
    return [
        PlannedRun(run_id, date, date, date + MINUTE, date + MINUTE) for run_id, date in zip(ids, dates, strict=True)
    ]


def _shared(layout: Layout, dag: Sequence[Any]) -> list[Any]:
    # With the DAG's own version and log template, so that their foreign keys are checked here, too.
    return shared_values(layout, DagRow(*dag), datetime.now(UTC), RunType.MANUAL, None)


def _columns(layout: Layout, specs: Sequence[PlannedRun]) -> list[list[Any]]:
    *attributes, _conf = run_columns(layout).values()
    return [[getattr(spec, attribute) for spec in specs] for attribute in attributes]


async def _bare(crowd: Crowd) -> Bare:
    layout = crowd.world.layout
    if isinstance(crowd.world, PostgresWorld):
        return _BarePostgres(await asyncpg.connect(crowd.url), layout)
    return _BareSQLite(sqlite3.connect(crowd.url.removeprefix("sqlite:///"), isolation_level=None), layout)


class _BarePostgres:
    def __init__(self, connection: asyncpg.Connection[asyncpg.Record], layout: Layout) -> None:
        self._connection = connection
        self._layout = layout
        self._sql = postgres_statements(layout)

    async def insert(self, dag_id: str, start: datetime) -> float:
        conf = encode({}, self._layout)
        arrays = [*_columns(self._layout, _specs(start)), [None] * MAX_BATCH]
        dag = await self._connection.fetchrow(self._sql["target_dag"], dag_id)
        assert dag is not None
        arguments = [*arrays, *_shared(self._layout, tuple(dag)), conf]
        begun = time.perf_counter()
        status = await self._connection.execute(self._sql["insert_runs"], *arguments)
        taken = time.perf_counter() - begun
        assert status == f"INSERT 0 {MAX_BATCH}"
        return taken

    async def close(self) -> None:
        await self._connection.close()


class _BareSQLite:
    def __init__(self, connection: sqlite3.Connection, layout: Layout) -> None:
        self._connection = connection
        self._layout = layout
        self._sql = sqlite_statements(layout)

    async def insert(self, dag_id: str, start: datetime) -> float:
        own = zip(*_columns(self._layout, _specs(start)), [encode({}, self._layout)] * MAX_BATCH, strict=True)
        shared = _shared(self._layout, self._connection.execute(self._sql["target_dag"], (dag_id,)).fetchone())
        rows = [
            [to_text(value) if isinstance(value, datetime) else value for value in (*each, *shared)] for each in own
        ]
        begun = time.perf_counter()
        self._connection.execute("BEGIN IMMEDIATE")
        added = self._connection.executemany(self._sql["insert_runs"], rows).rowcount
        self._connection.execute("COMMIT")
        taken = time.perf_counter() - begun
        assert added == MAX_BATCH
        return taken

    async def close(self) -> None:
        self._connection.close()
