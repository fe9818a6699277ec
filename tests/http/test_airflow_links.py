"""The addresses of Airflow's own pages in the answers about one DAG and one run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dagrun_api.airflow.pages import Pages
from dagrun_api.client import Client
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import Api, Serve, answer

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
RUN = "scheduled__2017-09-01T12:00:00+00:00"


async def links(api: Api) -> list[str]:
    """Return the addresses of a DAG and of its run."""
    dag = (await answer(await api.get("/api/v1/dags/a")))["dag"]
    run = (await answer(await api.get(f"/api/v1/dag_runs/{RUN.replace('+', '%2B')}")))["dag_run"]
    return [dag["airflow_url"], run["airflow_url"]]


@pytest.fixture(autouse=True)
async def a_dag_with_a_run(world: MemoryWorld) -> None:
    await world.add_dag("a")
    await world.add_run("a", RUN, NOON)
    world.store.pages = Pages.RUNS


@pytest.mark.parametrize("site", ["https://airflow.example.com", "http://[::1]:8080/", "https://example.com/a/b//"])
async def test_a_dag_and_a_run_have_the_addresses_of_their_pages(serve: Serve, site: str) -> None:
    dag = f"{site.rstrip('/')}/dags/a"
    api = await serve(airflow_url=site)
    assert await links(api) == [dag, f"{dag}/runs/scheduled__2017-09-01T12%3A00%3A00%2B00%3A00"]
    async with Client(str(api.make_url("/"))) as client:
        assert [(await client.dag("a")).airflow_url, (await client.run(RUN)).airflow_url] == await links(api)


async def test_without_the_option_there_is_no_address(api: Api) -> None:
    assert await links(api) == ["None", "None"]


async def test_the_built_in_database_has_no_airflow(serve: Serve, world: MemoryWorld) -> None:
    world.store.pages = None
    assert await links(await serve(airflow_url="https://airflow.example.com")) == ["None", "None"]
