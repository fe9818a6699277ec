"""A DAG whose row is locked: by another for a while, and by a batch for as short as possible."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from aiohttp import ClientSession, TCPConnector

from tests.adversity.figures import Figures
from tests.adversity.service import serving
from tests.adversity.sizes import sized
from tests.adversity.waiting import until
from tests.databases.worlds import PostgresWorld, serialized

START = datetime(2017, 1, 1, tzinfo=UTC)
WINDOW = {"prefix": "etl", "start_date": "2017-01-01", "end_date": "2017-01-20T23:59:59"}
CROWD = sized(quick=20, full=200)
STANDING = sized(quick=20_000, full=1_000_000)
"""Runs that exist in the window of a repeated call."""

FILL = """
INSERT INTO dag_run (dag_id, run_id, logical_date, run_after, state, run_type, clear_number, span_status)
SELECT 'a', 'etl_' || lpad(n::text, 7, '0') || to_char(tick AT TIME ZONE 'UTC', '_YYYY-MM-DD"T"HH24:MI:SS'),
       tick, tick, 'success', 'manual', 0, 'not_started'
FROM generate_series(1, ?::int) n, LATERAL (SELECT ?::timestamptz + (n - 1) * interval '1 minute') AS t (tick)
"""

pytestmark = pytest.mark.parametrize("world", ["postgres-3.1.8"], indirect=True)


@asynccontextmanager
async def held(world: PostgresWorld) -> AsyncGenerator[None]:
    connection = await world.another()
    try:
        async with connection.transaction():
            await connection.execute("SELECT 1 FROM dag WHERE dag_id = 'a' FOR NO KEY UPDATE")
            yield
    finally:
        await connection.close()


async def test_a_locked_dag_holds_up_only_its_own_writers(
    world: PostgresWorld, tmp_path: Path, figures: Figures
) -> None:
    await world.add_dag("a")
    await world.add_dag("b")
    async with (
        serving(world.url, tmp_path, "--lock-timeout=30") as service,
        ClientSession(service.address, connector=TCPConnector(limit=0)) as session,
    ):

        async def create(dag_id: str, prefix: str = "etl") -> int:
            body = {**WINDOW, "dag_id": dag_id, "prefix": prefix}
            async with session.post("/api/v1/dag_runs", json=body) as response:
                assert response.status == 200, await response.text()
                return len((await response.json())["response"]["dag_run_ids"])

        async def get(path: str) -> int:
            began = time.monotonic()
            async with session.get(path) as response:
                await response.read()
            figures.longest("longest read while a DAG is locked", time.monotonic() - began)
            return response.status

        async with held(world):
            writers = [asyncio.create_task(create("a")) for _ in range(CROWD)]
            blocked = (
                "SELECT 1 FROM pg_stat_activity WHERE application_name = 'dagrun-api' AND wait_event_type = 'Lock'"
            )
            await until("one waits for the row", lambda: world.execute(blocked))
            for number in range(20):
                paths = ("/readyz", "/api/v1/dags", "/api/v1/dag_runs?limit=1", "/metrics", "/healthz")
                assert await asyncio.gather(*map(get, paths)) == [200] * len(paths)
                assert await create("b", f"b{number}") == (20 if number == 0 else 0)
            assert len(await world.execute(blocked)) == 1
            assert not any(writer.done() for writer in writers)
        assert sorted(await asyncio.gather(*writers)) == [0] * (CROWD - 1) + [20]
        assert "ERROR" not in service.log


async def test_a_repeated_call_over_many_runs_hardly_locks_the_dag(
    world: PostgresWorld, tmp_path: Path, figures: Figures
) -> None:
    await world.add_dag("a", serialized=serialized("* * * * *"))
    await world.execute(FILL, [STANDING, START])
    await world.execute("ANALYZE dag_run")
    end = START + timedelta(minutes=STANDING + 499)
    body = {"dag_id": "a", "prefix": "etl", "start_date": START.isoformat(), "end_date": end.isoformat()}
    async with serving(world.url, tmp_path) as service, ClientSession(service.address) as session:
        watch = Watch(await world.another())
        task = asyncio.create_task(watch.work())
        created: list[int] = []
        for _ in range(2):
            async with session.post("/api/v1/dag_runs", json=body) as response:
                assert response.status == 200, await response.text()
                created.append(len((await response.json())["response"]["dag_run_ids"]))
        watch.is_done = True
        await task
    assert created == [500, 0]
    assert watch.times == 1, "a call for which every run exists locked the DAG"
    # On an idle machine about 30 ms with the insert and the commit; planning a million takes seconds.
    assert watch.longest < 0.5
    figures.longest(f"the DAG was locked, {STANDING:,} runs of the window existing", watch.longest)


class Watch:
    """Looks again and again whether the row is locked, as a scheduler would."""

    def __init__(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        self._connection = connection
        self.is_done = False
        self.times = 0
        self.longest = 0.0

    async def work(self) -> None:
        free = time.monotonic()
        was_locked = False
        while not self.is_done:
            row = await self._connection.fetchval("SELECT 1 FROM dag WHERE dag_id = 'a' FOR NO KEY UPDATE SKIP LOCKED")
            now = time.monotonic()
            if row is None:
                self.times += not was_locked
                self.longest = max(self.longest, now - free)
            else:
                free = now
            was_locked = row is None
            await asyncio.sleep(0.001)
        await self._connection.close()
