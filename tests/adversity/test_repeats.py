"""The same request, again and again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from dagrun_api import Settings, create_app
from tests.adversity.figures import Figures
from tests.adversity.sizes import sized
from tests.databases.worlds import SQLWorld

BODY = {"dag_id": "a", "prefix": "etl_", "start_date": "2017-01-01", "end_date": "2018-05-15T23:59:59"}


@pytest.mark.parametrize("world", ["sqlite-2.11.2", "postgres-3.3.2"], indirect=True)
async def test_a_repeated_request_finds_the_same_ids(
    world: SQLWorld,
    aiohttp_client: Callable[[web.Application], Awaitable[TestClient[web.Request, web.Application]]],
    figures: Figures,
) -> None:
    await world.add_dag("a")
    api = await aiohttp_client(create_app(Settings(), store=world.store))
    repetitions = sized(quick=20, full=99)

    async def answer() -> dict[str, Any]:
        response = await api.post("/api/v1/dag_runs", json=BODY)
        assert response.status == 200
        answer: dict[str, Any] = (await response.json())["response"]
        return answer

    first = await answer()
    ids: list[str] = first["dag_run_ids"]
    assert len(set(ids)) == 500
    for _ in range(repetitions):
        again = await answer()
        assert (again["dag_run_ids"], again["skipped"], again["skipped_dag_run_ids"]) == ([], 500, ids)
    assert [row["run_id"] for row in await world.runs_of("a")] == ids
    figures.count("repetitions of one request", repetitions)
