"""The scheduler of the fake Airflow treats native backfills as Airflow's scheduler does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.client import Client, Conflict, Created
from dagrun_api_pytest import Run, Server
from dagrun_api_pytest.dags import Dags

FIRST = datetime(2017, 1, 1, tzinfo=UTC)


@pytest.fixture
def dagrun_api_dags() -> Dags:
    return [{"dag_id": name, "schedule": "@daily", "start_date": FIRST} for name in ("a", "b")]


async def created(
    server: Server,
    days: int,
    *,
    prefix: str = "etl",
    after: int = 0,
    limit: int | None = 2,
    run_backwards: bool = False,
) -> Created:
    start = FIRST + timedelta(days=after)
    async with Client(server.url) as client:
        return await client.create(
            "a",
            prefix=prefix,
            start_date=start,
            end_date=start + timedelta(days=days - 1),
            max_active_runs=limit,
            run_backwards=run_backwards,
        )


def days(runs: list[Run]) -> list[int]:
    return [run.execution_date.day for run in runs]


async def test_a_run_tells_its_backfill_and_its_type(dagrun_api_server: Server) -> None:
    await created(dagrun_api_server, 1)
    await created(dagrun_api_server, 1, prefix="plain", after=1, limit=None)
    async with Client(dagrun_api_server.url) as client:
        progress = await client.progress("etl")
    backfill, plain = dagrun_api_server.runs()
    assert (backfill.backfill_id, backfill.run_type) == (progress.backfill_id, "backfill")
    assert (plain.backfill_id, plain.run_type) == (None, "manual")


async def test_a_backfill_has_its_limit_to_itself(dagrun_api_server: Server) -> None:
    scheduler = dagrun_api_server.scheduler
    scheduler.max_active_runs = 1
    await created(dagrun_api_server, 5, limit=3)
    await created(dagrun_api_server, 5, prefix="other", after=5, limit=2)
    await created(dagrun_api_server, 5, prefix="plain", after=10, limit=None)
    assert sorted(days(scheduler.start())) == [1, 2, 3, 6, 7, 11]
    assert scheduler.start() == []
    scheduler.finish("etl_0000001_2017-01-01T00:00:00")
    assert days(scheduler.start()) == [4]


async def test_ordinary_runs_start_before_those_of_a_backfill(dagrun_api_server: Server) -> None:
    await created(dagrun_api_server, 2)
    await created(dagrun_api_server, 2, prefix="plain", after=2, limit=None)
    assert [days(dagrun_api_server.scheduler.start(1)) for _ in range(4)] == [[3], [4], [1], [2]]


async def test_a_backfill_may_start_with_its_newest_run(dagrun_api_server: Server) -> None:
    await created(dagrun_api_server, 4, limit=1, run_backwards=True)
    assert days(dagrun_api_server.scheduler.start()) == [4]
    assert days(dagrun_api_server.scheduler.run_all()) == [4, 3, 2, 1]


async def test_no_run_of_a_paused_backfill_starts(dagrun_api_server: Server) -> None:
    scheduler = dagrun_api_server.scheduler
    await created(dagrun_api_server, 3)
    await created(dagrun_api_server, 1, prefix="other", after=3)
    (running,) = scheduler.start(1)
    async with Client(dagrun_api_server.url) as client:
        await client.set_batch_paused("etl", True)
        # Those that are running go on.
        assert days(scheduler.run_all()) == [1, 4]
        await client.set_batch_paused("etl", False)
    assert running.execution_date == FIRST
    assert days(scheduler.run_all()) == [2, 3]


async def test_a_backfill_has_ended_when_no_run_is_queued_or_running(dagrun_api_server: Server) -> None:
    scheduler = dagrun_api_server.scheduler
    await created(dagrun_api_server, 3)
    async with Client(dagrun_api_server.url) as client:
        for _ in range(2):
            scheduler.start(1)
            scheduler.finish()
        assert await client.set_batch_paused("etl", True)
        await client.set_batch_paused("etl", False)
        scheduler.run_all("failed")
        with pytest.raises(Conflict, match="has ended"):
            await client.set_batch_paused("etl", True)
        # Further runs reopen it.
        await created(dagrun_api_server, 1, after=3)
        assert await client.set_batch_paused("etl", True)


async def test_a_cancelled_backfill_ends_with_its_last_running_run(dagrun_api_server: Server) -> None:
    await created(dagrun_api_server, 3)
    dagrun_api_server.scheduler.start(1)
    async with Client(dagrun_api_server.url) as client:
        await client.cancel("etl")
        assert await client.set_batch_paused("etl", True)
        await client.set_batch_paused("etl", False)
        dagrun_api_server.scheduler.finish()
        with pytest.raises(Conflict, match="has ended"):
            await client.set_batch_paused("etl", True)
