"""The example of an application that shares its pool works as described."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from dagrun_api.errors import ConfigurationError
from tests.databases.worlds import OPTIONS, PostgresWorld
from tests.examples.places import loaded
from tests.http.conftest import AiohttpClient, answer, error

example = loaded("sharing_a_pool")


@pytest.fixture
def airflow_url(postgres_layouts: dict[str, str]) -> str:
    return postgres_layouts["3.1.8"]


@pytest.fixture
async def airflow(airflow_url: str) -> AsyncIterator[PostgresWorld]:
    async with PostgresWorld.open(airflow_url, OPTIONS) as world:
        await world.add_dag("a")
        yield world


async def test_the_application_and_the_api_share_a_pool(airflow: PostgresWorld, aiohttp_client: AiohttpClient) -> None:
    app = await example.make_app(airflow.url)
    client = await aiohttp_client(app)
    batch = {"dag_id": "a", "prefix": "x", "start_date": "2017-09-01", "end_date": "2017-09-01", "conf": {"n": [1]}}
    (run_id,) = (await answer(await client.post("/airflow/api/v1/dag_runs", json=batch)))["dag_run_ids"]
    assert await (await client.get("/failures")).json() == {}
    await answer(await client.post("/airflow/api/v1/batches/x/cancel"))
    assert await (await client.get("/failures")).json() == {run_id: {"n": [1]}}
    await client.close()
    assert app[example.POOL].is_closing()


async def test_a_closed_pool_is_a_503(airflow: PostgresWorld, aiohttp_client: AiohttpClient) -> None:
    app = await example.make_app(airflow.url)
    client = await aiohttp_client(app)
    await app[example.POOL].close()
    refused = await client.get("/airflow/api/v1/dags")
    await error(refused, 503)
    assert int(refused.headers["Retry-After"]) > 0


async def test_a_database_without_airflow_is_refused(postgres_server: str) -> None:
    with pytest.raises(ConfigurationError):
        await example.make_app(postgres_server)
