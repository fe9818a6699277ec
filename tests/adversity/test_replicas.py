"""Several services and a scheduler writing to one DAG at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from sqlite3 import IntegrityError, OperationalError

import asyncpg
import pytest

from dagrun_api.airflow.run_ids import canonical
from dagrun_api.batches.service import Service
from dagrun_api.model import BatchRequest, BatchResult, RunFilter
from dagrun_api.store import StoreOptions
from dagrun_api_postgres import open_store as open_postgres
from dagrun_api_sqlite import open_store as open_sqlite
from tests.databases.worlds import PostgresWorld, SQLiteWorld, SQLWorld

START = datetime(2017, 9, 1, tzinfo=UTC)
NOON = START + timedelta(hours=12)
DAY = timedelta(days=1)
PATIENT = StoreOptions(lock_timeout=20, query_timeout=20, pool_timeout=20)
REPLICAS = 4

pytestmark = pytest.mark.parametrize("world", ["sqlite-2.11.2", "postgres-3.1.8"], indirect=True)

Services = list[Service]


@pytest.fixture
async def services(world: SQLWorld) -> AsyncGenerator[Services]:
    """As many services as there were processes: each with connections of its own."""
    await world.add_dag("a")
    async with AsyncExitStack() as stack:
        services: Services = []
        for _ in range(REPLICAS):
            if isinstance(world, SQLiteWorld):
                opened = open_sqlite(f"sqlite:///{world.path}", PATIENT)
                services.append(Service(await stack.enter_async_context(opened)))
            elif isinstance(world, PostgresWorld):
                services.append(Service(await stack.enter_async_context(open_postgres(world.url, PATIENT))))
        yield services


def window(first: int, days: int, prefix: str = "etl_") -> BatchRequest:
    return BatchRequest("a", canonical(prefix), START + first * DAY, START + (first + days) * DAY)


async def dates(world: SQLWorld) -> list[datetime]:
    runs = await world.store.runs(RunFilter(dag_id="a"), after=0, limit=5000)
    return sorted(run.execution_date for run in runs if run.execution_date)


async def at_once(services: Services, request: Callable[[int], BatchRequest]) -> list[BatchResult]:
    return await asyncio.gather(*(each.create_batch(request(number)) for number, each in enumerate(services)))


async def test_identical_batches_have_one_creator(world: SQLWorld, services: Services) -> None:
    for round_ in range(10):
        results = await at_once(services, lambda _, round_=round_: window(100 * round_, 100, f"r{round_}_"))  # type: ignore[misc]
        (creator,) = [result for result in results if result.run_ids]
        assert len(creator.run_ids) == 100
        assert all(result.skipped_run_ids == creator.run_ids for result in results if result is not creator)
    assert await dates(world) == [NOON + number * DAY for number in range(1000)]


async def test_overlapping_batches_fill_each_date_once(world: SQLWorld, services: Services) -> None:
    for round_ in range(5):
        await at_once(services, lambda number, round_=round_: window(130 * round_ + 10 * number, 100))  # type: ignore[misc]
    assert await dates(world) == [NOON + number * DAY for number in range(650)]
    runs = await world.store.runs(RunFilter(dag_id="a"), after=0, limit=5000)
    assert sorted(int(str(run.run_id).split("_")[1]) for run in runs) == list(range(1, 651))


async def scheduled(world: SQLWorld, date: datetime) -> None:
    run = world.add_run("a", f"scheduled__{date.isoformat()}", date, external=False)
    if isinstance(world, SQLiteWorld):
        # It waits for the lock, which must not keep this event loop from giving the lock up.
        await asyncio.to_thread(asyncio.run, run)
    else:
        await run


async def test_a_scheduler_that_takes_dates_meanwhile_splits_no_batch(world: SQLWorld, services: Services) -> None:
    taken: list[datetime] = []

    async def scheduler() -> None:
        for number in range(0, 400, 7):
            date = NOON + number * DAY
            with suppress(IntegrityError, OperationalError, asyncpg.UniqueViolationError):
                await scheduled(world, date)
                taken.append(date)
            await asyncio.sleep(0)

    async def batches(service: Service, number: int) -> list[BatchResult]:
        return [await service.create_batch(window(first, 50, f"p{number}_")) for first in range(0, 400, 50)]

    work: list[Awaitable[object]] = [scheduler(), *(batches(each, number) for number, each in enumerate(services))]
    await asyncio.gather(*work)
    assert await dates(world) == [NOON + number * DAY for number in range(400)]
    runs = await world.store.runs(RunFilter(dag_id="a", external_trigger=False), after=0, limit=5000)
    assert [run.execution_date for run in runs] == taken
