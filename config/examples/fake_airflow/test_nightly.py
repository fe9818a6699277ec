"""The tests of that program, with a fake Airflow: the fixture `dagrun_api_server` of dagrun-api."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from nightly import RunsFailed, TryLater, load_days

from dagrun_api.client import Client
from dagrun_api_pytest import Run, Server

pytestmark = pytest.mark.asyncio

FIRST, LAST = datetime(2017, 9, 1, tzinfo=UTC), datetime(2017, 9, 10, tzinfo=UTC)


@pytest.fixture
def dagrun_api_dags() -> list[dict[str, object]]:
    return [{"dag_id": "etl_sales", "schedule": "@daily", "start_date": datetime(2017, 1, 1, tzinfo=UTC)}]


async def test_every_day_is_run_once(dagrun_api_server: Server) -> None:
    async with Client(dagrun_api_server.url) as client:
        with dagrun_api_server.scheduler.working():
            assert await load_days(client, FIRST, LAST, poll=0.01) == 10
            assert await load_days(client, FIRST, LAST, poll=0.01) == 10
    assert [run.execution_date.day for run in dagrun_api_server.runs()] == list(range(1, 11))


async def test_a_failed_day_is_reported(dagrun_api_server: Server) -> None:
    def third_fails(run: Run) -> str:
        return "failed" if run.execution_date.day == 3 else "success"

    async with Client(dagrun_api_server.url) as client:
        with dagrun_api_server.scheduler.working(third_fails), pytest.raises(RunsFailed, match="1 of 10 days"):
            await load_days(client, FIRST, LAST, poll=0.01)


async def test_an_outage_is_reported_and_loses_nothing(dagrun_api_server: Server) -> None:
    async with Client(dagrun_api_server.url, tries=2, backoff=0.01) as client:
        for trouble in (dagrun_api_server.database_away, dagrun_api_server.down):
            with trouble(), pytest.raises(TryLater):
                await load_days(client, FIRST, LAST)
        assert dagrun_api_server.runs() == []
        with dagrun_api_server.scheduler.working():
            assert await load_days(client, FIRST, LAST, poll=0.01) == 10
