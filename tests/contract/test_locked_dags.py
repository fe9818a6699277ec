"""A DAG whose row another holds, on PostgreSQL: only the writers of that DAG wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import Locked
from dagrun_api.model import BatchRequest, BatchResult, Prefix
from tests.adversity.waiting import until
from tests.contract.test_state import usage
from tests.databases.worlds import OPTIONS, PostgresWorld

START = datetime(2017, 9, 1, tzinfo=UTC)
WINDOW = BatchRequest("a", Prefix("etl"), START, START + timedelta(days=2))
CROWD = 3 * OPTIONS.pool_size

pytestmark = pytest.mark.parametrize("world", ["postgres-3.3.2", "shared-3.3.2"], indirect=True)


@asynccontextmanager
async def held(world: PostgresWorld, *dag_ids: str) -> AsyncGenerator[None]:
    """Hold the rows of DAGs as Airflow's scheduler does."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(world.url)
    try:
        async with connection.transaction():
            await connection.fetch("SELECT 1 FROM dag WHERE dag_id = ANY($1) FOR NO KEY UPDATE", dag_ids)
            yield
    finally:
        await connection.close()


async def waiting(world: PostgresWorld, *dag_ids: str, on_rows: int) -> list[asyncio.Task[BatchResult]]:
    """Begin a batch for each of these DAGs; return when so many wait for a row, and the others without a connection."""
    service = Service(world.store)
    tasks = [asyncio.create_task(service.create_batch(replace(WINDOW, dag_id=dag_id))) for dag_id in dag_ids]
    await until("all wait", lambda: used(world) == (on_rows, len(tasks) - on_rows))
    return tasks


def used(world: PostgresWorld) -> tuple[int, int]:
    """Return how many requests have a connection, and how many wait without one."""
    return usage(world).in_use, usage(world).waiting


async def test_writers_of_one_locked_dag_take_one_connection(world: PostgresWorld) -> None:
    await world.add_dag("a")
    await world.add_dag("b")
    service = Service(world.store)
    async with held(world, "a"):
        tasks = await waiting(world, *["a"] * CROWD, on_rows=1)
        assert len((await service.create_batch(replace(WINDOW, dag_id="b"))).runs) == 2
        assert len(await service.dags()) == 2
        await service.ready()
        assert not any(task.done() for task in tasks)
    results = await asyncio.gather(*tasks)
    assert sorted(len(result.runs) for result in results) == [0] * (CROWD - 1) + [2]


async def test_reads_go_on_however_many_dags_are_locked(world: PostgresWorld) -> None:
    dag_ids = [f"dag{number}" for number in range(CROWD)]
    for dag_id in dag_ids:
        await world.add_dag(dag_id)
    service = Service(world.store)
    async with held(world, *dag_ids):
        tasks = await waiting(world, *dag_ids, on_rows=OPTIONS.pool_size - 1)
        await asyncio.gather(*(service.dags() for _ in range(20)))
        assert (await service.create_batch(replace(WINDOW, dag_id="dag0", dry_run=True))).runs
        await service.ready()
    assert [len(result.runs) for result in await asyncio.gather(*tasks)] == [2] * CROWD


async def test_writers_that_wait_too_long_are_told_to_repeat(world: PostgresWorld) -> None:
    await world.add_dag("a")
    async with held(world, "a"):
        outcomes = await asyncio.gather(*await waiting(world, *["a"] * CROWD, on_rows=1), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {Locked}
        assert used(world) == (0, 0)
    assert len((await Service(world.store).create_batch(WINDOW)).runs) == 2


async def test_pausing_waits_for_its_turn_too(world: PostgresWorld) -> None:
    await world.add_dag("a")
    service = Service(world.store)
    async with held(world, "a"):
        tasks = [asyncio.create_task(service.set_paused("a", paused=True)) for _ in range(CROWD)]
        await until("all wait", lambda: used(world) == (1, CROWD - 1))
        await service.ready()
    await asyncio.gather(*tasks)


async def test_pausing_by_others_does_not_delay_a_batch(world: PostgresWorld) -> None:
    await world.add_dag("a")
    task = asyncio.create_task(Service(world.store).create_batch(WINDOW))
    # Each time before the batch has its turn, and more often than it is planned.
    for number in range(7):
        async with world.store.turn("a"):
            await until("the batch waits", lambda: task.done() or used(world) == (0, 1))
            await world.execute("UPDATE dag SET is_paused = ? WHERE dag_id = 'a'", [number % 2 == 0])
    result = await task
    assert (len(result.runs), result.warnings) == (2, ["Dag id a is paused: its runs wait until it is unpaused."])
