"""Batches that a client feeds in, beside the schedule of their DAG, where Airflow has no backfills of its own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.client import Client, Progress

from .dagfiles import FED, TICK
from .expectations import wait_for
from .places import FIRST_POSTGRESQL, NEWEST_POSTGRESQL, SECOND_POSTGRESQL, at
from .schedules import loses_ticks, most_at_once, spans, ticks
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

RUNS = 40
LIMIT = 3


@at(FIRST_POSTGRESQL, SECOND_POSTGRESQL, NEWEST_POSTGRESQL[0])
def test_no_tick_is_lost_while_a_batch_is_fed(site: Site) -> None:
    site.airflow.unpause(FED)
    site.airflow.until("the schedule has begun", lambda: ticks(site, FED), 90)

    fed, counted = asyncio.run(_feed(site))

    assert len(fed) == RUNS
    assert max(counted) <= LIMIT
    wait_for(site, FED, fed)
    after = datetime.now(UTC)
    site.airflow.until("the schedule goes on", lambda: ticks(site, FED)[-1] > after, 90)
    site.airflow.pause(FED)
    assert most_at_once(spans(site, FED, "fed")) <= LIMIT
    assert not loses_ticks(ticks(site, FED))


async def _feed(site: Site) -> tuple[list[str], list[int]]:
    """Return the runs that were created, and how many of them were active whenever the client looked."""
    begin = datetime(2024, 3, 1, tzinfo=UTC)
    end = begin + (RUNS - 1) * TICK
    counted: list[int] = []

    def count(progress: Progress) -> None:
        counted.append(progress.waiting)

    async with Client(f"http://127.0.0.1:{site.service.port}") as client:
        batch = client.backfill(
            FED,
            prefix="fed",
            start_date=begin,
            end_date=end + timedelta(seconds=1),
            max_active_runs=LIMIT,
            feed=True,
            poll=0.5,
            on_progress=count,
        )
        return [run_id async for created in batch for run_id in created.dag_run_ids], counted
