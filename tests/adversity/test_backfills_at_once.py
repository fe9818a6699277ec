"""Native backfills of one prefix, from two services and many clients at once, beside a scheduler."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.adversity.service import serving
from tests.adversity.sizes import sized
from tests.databases.worlds import PostgresWorld, SQLWorld, serialized

START = datetime(2001, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SIZE = 50
CALLS = sized(quick=12, full=80)

everywhere = pytest.mark.parametrize("world", ["sqlite-standalone", "postgres-3.4.0b2"], indirect=True)


class Two:
    """Two services on one database, and their clients."""

    def __init__(self, session: ClientSession, addresses: list[str]) -> None:
        self._session = session
        self._addresses = addresses

    async def post(self, number: int, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        """Send a request to one of them."""
        address = self._addresses[number % 2]
        async with self._session.post(f"{address}/api/v1/{path}", json=body) as response:
            return response.status, (await response.json())["response"]

    async def create(self, number: int, dag_id: str = "a", **more: object) -> dict[str, Any]:
        """Create the batch of a window that overlaps with that of the next number."""
        start = START + number * (SIZE - 10) * MINUTE
        window = {"start_date": start.isoformat(), "end_date": (start + (SIZE - 1) * MINUTE).isoformat()}
        body = {"dag_id": dag_id, "prefix": "etl", "max_active_runs": 1 + number % 7, **window, **more}
        status, answer = await self.post(number, "dag_runs", body)
        assert status == 200, answer
        return answer


@asynccontextmanager
async def two_services(world: SQLWorld, folder: Path) -> AsyncGenerator[Two]:
    for dag_id in ("a", "b"):
        await world.add_dag(dag_id, serialized=serialized("* * * * *"))
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(ClientSession())
        services = [
            await stack.enter_async_context(serving(world.url, folder, "--lock-timeout=30", "--query-timeout=30"))
            for _ in range(2)
        ]
        yield Two(session, [service.address for service in services])


async def assert_one_whole_backfill(world: SQLWorld, dag_id: str, runs: int) -> None:
    ((backfill_id, first, last, completed_at),) = await world.execute(
        "SELECT id, from_date, to_date, completed_at FROM backfill WHERE dag_id = ?", [dag_id]
    )
    date = world.layout.date_column
    rows = await world.execute(
        f"SELECT r.run_id, r.{date}, r.backfill_id, a.backfill_id, a.sort_ordinal FROM dag_run r "
        f"LEFT JOIN backfill_dag_run a ON a.dag_run_id = r.id WHERE r.dag_id = ? ORDER BY r.{date}",
        [dag_id],
    )
    assert len(rows) == runs
    assert {(own, joined) for _, _, own, joined, _ in rows} == {(backfill_id, backfill_id)}
    assert sorted(int(run_id.split("_")[1]) for run_id, *_ in rows) == list(range(1, runs + 1))
    assert (first, last) == (rows[0][1], rows[-1][1])
    # The first run of the first call has 1, which lets it pass what depends on the past.
    ordinals = [ordinal for *_, ordinal in rows]
    others = [ordinal for ordinal in ordinals if ordinal != 1]
    assert len(others) == runs - 1
    assert others == sorted(others)
    ((active,),) = await world.execute("SELECT count(*) FROM dag_run WHERE dag_id = ? AND state = 'queued'", [dag_id])
    assert (completed_at is None) == (active > 0)


@everywhere
async def test_many_first_calls_make_one_backfill(world: SQLWorld, tmp_path: Path) -> None:
    async with two_services(world, tmp_path) as two:
        answers = await asyncio.gather(*(two.create(number) for number in range(CALLS)))
    assert len({answer["backfill_id"] for answer in answers}) == 1
    runs = SIZE + (CALLS - 1) * (SIZE - 10)
    assert sum(len(answer["dag_run_ids"]) for answer in answers) == runs
    assert [answer["max_active_runs"] for answer in answers] == [1 + number % 7 for number in range(CALLS)]
    await assert_one_whole_backfill(world, "a", runs)


@everywhere
async def test_what_else_is_done_to_them_meanwhile_deadlocks_nothing(world: SQLWorld, tmp_path: Path) -> None:
    async with two_services(world, tmp_path) as two:
        await asyncio.gather(two.create(0), two.create(0, "b"))

        async def disturb(path: str) -> set[int]:
            return {(await two.post(number, f"batches/etl/{path}?all_dags=true"))[0] for number in range(CALLS)}

        creations = (two.create(number, dag_id) for number in range(1, CALLS) for dag_id in ("a", "b"))
        disturbing = asyncio.gather(*(disturb(path) for path in ("paused/true", "paused/false", "cancel", "retry")))
        answers = await asyncio.gather(*creations)
        disturbed = await disturbing
    # 409: at that moment every run had been cancelled, so there was nothing to pause.
    assert set().union(*disturbed) <= {200, 409}
    assert len({answer["backfill_id"] for answer in answers}) == 2
    for dag_id in ("a", "b"):
        await assert_one_whole_backfill(world, dag_id, SIZE + (CALLS - 1) * (SIZE - 10))


@pytest.mark.parametrize("world", ["postgres-3.4.0b2"], indirect=True)
async def test_a_scheduler_never_waits_for_them(world: PostgresWorld, tmp_path: Path) -> None:
    async with two_services(world, tmp_path) as two:
        scheduler = Scheduler()
        task = asyncio.create_task(scheduler.work(world))
        try:
            await asyncio.gather(*(two.create(number) for number in range(CALLS)))
            for number in range(5):
                await two.post(number, "batches/etl/paused/true")
                await two.post(number, "batches/etl/paused/false")
            await two.post(0, "batches/etl/cancel")
            await two.post(0, "batches/etl/retry")
            status, answer = await two.post(0, "batches/etl/cancel")
        finally:
            scheduler.is_done = True
            await task
    assert status == 200
    assert answer["cancelled"] + answer["started"] == SIZE + (CALLS - 1) * (SIZE - 10)
    assert answer["started"] == scheduler.started > 0
    # On an idle machine some milliseconds; one that waited for a lock would stand until the end of a transaction.
    assert scheduler.longest < 1


class Scheduler:
    """Starts the runs of backfills as Airflow does: it locks the runs, then their backfills, and skips locked rows."""

    def __init__(self) -> None:
        self.is_done = False
        self.started = 0
        self.longest = 0.0

    async def work(self, world: PostgresWorld) -> None:
        connection = await world.another()
        try:
            # What would wait for a row fails at once.
            await connection.execute("SET lock_timeout = '1ms'")
            while not self.is_done:
                began = time.monotonic()
                async with connection.transaction():
                    runs = await connection.fetch(
                        "SELECT r.id, r.backfill_id FROM dag_run r JOIN backfill b ON b.id = r.backfill_id "
                        "WHERE r.state = 'queued' ORDER BY r.id LIMIT 3 FOR UPDATE OF r SKIP LOCKED"
                    )
                    ids = list({run["backfill_id"] for run in runs})
                    free = await connection.fetch(
                        "SELECT id FROM backfill WHERE id = ANY($1) FOR UPDATE SKIP LOCKED", ids
                    )
                    if free:
                        started = [run["id"] for run in runs]
                        await connection.execute("UPDATE dag_run SET state = 'running' WHERE id = ANY($1)", started)
                        self.started += len(started)
                    await asyncio.sleep(0.002)
                self.longest = max(self.longest, time.monotonic() - began)
                await asyncio.sleep(0.005)
        finally:
            await connection.close()
