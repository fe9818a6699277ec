"""Native backfills, when something else happens between the plan of a batch and its transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dagrun_api.backends import open_store
from dagrun_api.batches.service import Service
from dagrun_api.errors import Conflict
from dagrun_api.model import BatchRequest, BatchResult, NativeBackfill, PlannedRun, Prefix, RunType
from dagrun_api.settings import Settings
from tests.adversity.waiting import until
from tests.databases.worlds import PostgresWorld, SQLWorld, serialized

NOW = datetime(2018, 3, 1, 9, 30, tzinfo=UTC)
FIRST = datetime(2017, 9, 1, tzinfo=UTC)
NOON = FIRST + timedelta(hours=12)
DAY = timedelta(days=1)
ETL = Prefix("etl")

everywhere = pytest.mark.parametrize(
    "world",
    [f"{kind}-{release}" for kind in ("sqlite", "postgres") for release in ("standalone", "3.1.8", "3.4.0b2")],
    indirect=True,
)


def window(first: int, days: int, *, limit: int | None = 2, **more: Any) -> BatchRequest:
    start = FIRST + first * DAY
    return BatchRequest("a", ETL, start, start + days * DAY, max_active_runs=limit, **more)


@asynccontextmanager
async def planned(world: SQLWorld, request: BatchRequest) -> AsyncGenerator[asyncio.Task[BatchResult]]:
    """Let a request plan its batch, and wait; it goes on when this is left."""
    async with world.store.turn("a"):
        task = asyncio.create_task(Service(world.store, clock=lambda: NOW).create_batch(request))
        await until("it has planned", lambda: waiting(world) == 1)
        yield task
    with suppress(Conflict):
        await task


def waiting(world: SQLWorld) -> int:
    pool = world.store.state().pool
    assert pool is not None
    return pool.waiting


@asynccontextmanager
async def replica(world: SQLWorld) -> AsyncGenerator[Service]:
    async with open_store(Settings(database=world.url, lock_timeout=20)) as store:
        yield Service(store, clock=lambda: NOW)


async def backfills_of_runs(world: SQLWorld) -> list[int | None]:
    rows = await world.execute("SELECT backfill_id FROM dag_run ORDER BY run_id")
    return [backfill_id for (backfill_id,) in rows]


async def open_backfills(world: SQLWorld) -> int:
    ((number,),) = await world.execute("SELECT count(*) FROM backfill WHERE completed_at IS NULL")
    return int(number)


@everywhere
async def test_two_first_calls_make_one_backfill(world: SQLWorld) -> None:
    await world.add_dag("a")
    async with replica(world) as other, planned(world, window(5, 3, limit=4)) as late:
        early = await other.create_batch(window(0, 3))
        await world.execute("UPDATE backfill SET is_paused = TRUE")
    result = await late
    assert (result.backfill_id, result.max_active_runs, len(result.runs)) == (early.backfill_id, 4, 3)
    assert any("is paused" in each for each in result.warnings)
    assert await backfills_of_runs(world) == [early.backfill_id] * 6


@everywhere
async def test_an_ordinary_call_joins_the_backfill_before_it(world: SQLWorld) -> None:
    await world.add_dag("a")
    async with replica(world) as other, planned(world, window(5, 3, limit=None)) as late:
        early = await other.create_batch(window(0, 3))
    result = await late
    assert (result.backfill_id, result.max_active_runs, result.run_type) == (early.backfill_id, 2, RunType.BACKFILL)
    assert result.backfill is not None
    assert await backfills_of_runs(world) == [early.backfill_id] * 6


@pytest.mark.parametrize("world", ["postgres-3.1.8", "sqlite-3.4.0b2"], indirect=True)
async def test_it_then_leaves_to_the_schedule_what_it_must(world: SQLWorld) -> None:
    await world.add_dag("a", serialized=serialized(catchup=True))
    await world.execute("UPDATE dag SET next_dagrun = ?", [NOON + 6 * DAY])
    async with replica(world) as other, planned(world, window(5, 3, limit=None)) as late:
        await other.create_batch(window(0, 3))
    result = await late
    assert [run.logical_date for run in result.runs] == [NOON + 5 * DAY]
    assert any("left to the schedule" in each for each in result.warnings)


@everywhere
async def test_a_native_call_does_not_join_ordinary_runs_before_it(world: SQLWorld) -> None:
    await world.add_dag("a")
    async with replica(world) as other, planned(world, window(5, 3)) as late:
        await other.create_batch(window(0, 3, limit=None))
    with pytest.raises(Conflict, match="ordinary ones"):
        await late
    assert await backfills_of_runs(world) == [None] * 3
    assert await open_backfills(world) == 0


@everywhere
async def test_a_date_that_is_taken_leaves_no_backfill_behind(world: SQLWorld) -> None:
    await world.add_dag("a")
    async with planned(world, window(0, 1)):
        # The id of a date that the batch will have, so that it notices only when it inserts.
        await world.add_run("a", "scheduled__x", NOON)
    assert await world.execute("SELECT id FROM backfill") == []
    assert await backfills_of_runs(world) == [None]


@everywhere
async def test_a_backfill_that_was_deleted_with_its_runs_is_made_anew(world: SQLWorld) -> None:
    await world.add_dag("a")
    await Service(world.store, clock=lambda: NOW).create_batch(window(0, 3))
    async with planned(world, window(5, 3)) as late:
        for table in ("backfill_dag_run", "dag_run", "backfill"):
            await world.execute(f"DELETE FROM {table}")
    result = await late
    assert len(result.runs) == 3
    assert await backfills_of_runs(world) == [result.backfill_id] * 3
    assert await open_backfills(world) == 1


@pytest.mark.parametrize("world", ["postgres-standalone", "postgres-3.1.8", "postgres-3.4.0b2"], indirect=True)
async def test_runs_that_join_just_before_a_cancel_are_cancelled(world: PostgresWorld) -> None:
    await world.add_dag("a")
    service = Service(world.store, clock=lambda: NOW)
    standing = await service.create_batch(window(0, 3))
    date = NOON + 99 * DAY
    run = PlannedRun(f"etl_0000004_{date:%Y-%m-%dT%H:%M:%S}", date, date, date + DAY, date + DAY)
    async with world.store.batch("a") as batch:
        await batch.insert([run], {}, NOW, run_type=RunType.BACKFILL, backfill=NativeBackfill(standing.backfill_id))
        cancelling = asyncio.create_task(service.cancel(ETL, "a"))
        await until("it waits for the backfill", lambda: has_waiter(world))
    assert (await cancelling).cancelled == 4
    assert await open_backfills(world) == 0


async def has_waiter(world: PostgresWorld) -> bool:
    return await world.fetch("SELECT 1 FROM pg_locks WHERE NOT granted") != []
