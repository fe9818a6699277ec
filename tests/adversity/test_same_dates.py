"""Many clients that want the same dates at once: each gets others, and none is turned away."""

from __future__ import annotations

import asyncio
from itertools import chain
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector

from tests.adversity.service import serving
from tests.adversity.sizes import sized
from tests.databases.worlds import SQLWorld, serialized

LIMIT = 500
CROWD = sized(quick=50, full=100)
"""Clients; most want more dates than are looked up while the row of the DAG is locked."""

BODY = {
    "dag_id": "a",
    "prefix": "etl",
    "start_date": "2017-01-01",
    "end_date": "2017-12-30",
    "limit": LIMIT,
    "partial": True,
}


@pytest.mark.parametrize("world", ["postgres-3.1.8"], indirect=True)
async def test_a_crowd_that_wants_the_same_dates_is_served(world: SQLWorld, tmp_path: Path) -> None:
    await world.add_dag("a", serialized=serialized("* * * * *"))
    async with (
        # A patience that only a writer without end uses up.
        serving(world.url, tmp_path, "--lock-timeout=60") as service,
        ClientSession(service.address, connector=TCPConnector(limit=0)) as session,
    ):

        async def create() -> list[str]:
            async with session.post("/api/v1/dag_runs", json=BODY) as response:
                answer = (await response.json())["response"]
                assert response.status == 200, answer
                return list(answer["dag_run_ids"])

        created = await asyncio.gather(*(create() for _ in range(CROWD)))
    assert [len(ids) for ids in created] == [LIMIT] * CROWD
    numbers = sorted(int(run_id.split("_")[1]) for run_id in chain.from_iterable(created))
    assert numbers == list(range(1, LIMIT * CROWD + 1))
