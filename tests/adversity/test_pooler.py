"""A real PgBouncer between the service and PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from aiohttp import ClientSession

from dagrun_api.batches.service import Service
from dagrun_api.errors import ConfigurationError, Unavailable
from dagrun_api.model import BatchRequest, CatalogueDag, Prefix
from dagrun_api.store import StoreOptions
from dagrun_api_postgres import open_store, store_on
from tests.adversity.service import serving
from tests.databases import postgres
from tests.databases.pgbouncer import bouncer
from tests.databases.schemas import ddl, head_of
from tests.databases.worlds import SERIALIZED, PostgresWorld

WINDOW = BatchRequest("a", Prefix("etl"), datetime(2017, 9, 1, tzinfo=UTC), datetime(2017, 9, 5, tzinfo=UTC))
LINE = "A pooler such as PgBouncer is in front of the database: the statement cache is off."

on_airflow = pytest.mark.parametrize("world", ["postgres-3.1.8"], indirect=True)


@pytest.fixture
def pooled(world: PostgresWorld) -> Generator[str]:
    """The URL of the world's database behind PgBouncer in transaction mode."""
    with bouncer(world.url, "transaction") as url:
        yield url


@on_airflow
async def test_every_request_is_answered_behind_a_pooler(world: PostgresWorld, pooled: str, tmp_path: Path) -> None:
    await world.add_dag("a")
    async with serving(pooled, tmp_path) as service, ClientSession() as session:

        async def ask(number: int) -> int:
            path = ("dags", "dag_runs?limit=1", "latest_runs", "batches/etl?dag_id=a")[number % 4]
            async with session.get(f"{service.address}/api/v1/{path}") as response:
                return response.status

        body = {"dag_id": "a", "prefix": "etl", "start_date": "2017-09-01", "end_date": "2017-09-19"}
        async with session.post(f"{service.address}/api/v1/dag_runs", json=body) as response:
            assert response.status == 200
        answers: Counter[int] = Counter()
        for _ in range(10):
            answers.update(await asyncio.gather(*map(ask, range(40))))
        assert answers == {200: 400}
    assert LINE in service.log


@on_airflow
async def test_a_cache_that_a_pooler_breaks_is_refused(world: PostgresWorld, pooled: str) -> None:
    with pytest.raises(ConfigurationError, match="leave statement_cache out, or turn it off"):
        async with open_store(pooled, StoreOptions(statement_cache=True)):
            pass
    async with open_store(pooled, StoreOptions(statement_cache=False)) as store:
        await store.ready()


@on_airflow
async def test_a_cache_works_where_each_client_has_a_session(world: PostgresWorld) -> None:
    await world.add_dag("a")
    with bouncer(world.url, "session") as url:
        async with open_store(url, StoreOptions(statement_cache=True)) as store:
            assert len(await store.dags()) == 1


@on_airflow
async def test_without_a_pooler_the_cache_stays_on(world: PostgresWorld, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with open_store(world.url, StoreOptions()) as store:
        await store.dags()
        named = "SELECT count(*) FROM pg_prepared_statements"
        ((number,),) = await store._connections.fetch(named)  # pyright: ignore[reportPrivateUsage]
        assert number > 1
    assert LINE not in caplog.text


@on_airflow
async def test_what_a_pooler_says_is_told(pooled: str) -> None:
    with pytest.raises(ConfigurationError, match=r"refuses a parameter .*: unsupported startup parameter: ssl_mode"):
        async with open_store(f"{pooled}?ssl_mode=require", StoreOptions()):
            pass
    with pytest.raises(Unavailable) as caught:
        async with open_store(f"{pooled}_nowhere", StoreOptions()):
            pass
    assert "database layout_3_1_8_nowhere: FATAL 08P01: " in caught.value.because


@on_airflow
async def test_the_cache_of_a_shared_pool_is_refused_too(world: PostgresWorld, pooled: str) -> None:
    await world.add_dag("a")
    for size in (1, 5):
        async with asyncpg.create_pool(pooled, min_size=0, max_size=size) as pool:
            with pytest.raises(ConfigurationError, match="make the pool with statement_cache_size=0"):
                await store_on(pool, StoreOptions(pool_timeout=0.2))
    async with asyncpg.create_pool(pooled, min_size=0, max_size=5, statement_cache_size=0) as pool:
        store = await store_on(pool)
        assert len(await asyncio.gather(*(store.dags() for _ in range(40)))) == 40
        assert len((await Service(store).create_batch(WINDOW)).run_ids) == 4


async def test_a_schema_is_set_for_each_transaction(postgres_server: str) -> None:
    tables = ddl("2.11.2", "postgres").replace("public.", '"my-airflow".')
    rows = f"""INSERT INTO "my-airflow".alembic_version VALUES ('{head_of("2.11.2")}');
        INSERT INTO "my-airflow".dag (dag_id, is_active, is_paused, is_subdag, max_active_tasks,
            has_task_concurrency_limits, max_consecutive_failed_dag_runs)
            VALUES ('a', TRUE, FALSE, FALSE, 16, FALSE, 0)"""
    url = await postgres.fresh_database(postgres_server, "pooled", f'CREATE SCHEMA "my-airflow";{tables}{rows}')
    with bouncer(url, "transaction") as pooled:
        async with open_store(pooled, StoreOptions(schema="my-airflow")) as store:
            await store.ready()
            assert len(await asyncio.gather(*(store.dags() for _ in range(20)))) == 20
            await Service(store).set_paused("a", True)
            assert [dag.is_paused for dag in await store.dags()] == [True]
            assert (await store.describe()).missing == ()
        other = await asyncpg.connect(pooled, statement_cache_size=0)
        try:
            assert await other.fetchval("SHOW search_path") == '"$user", public', "nothing is left for other clients"
        finally:
            await other.close()


async def test_a_built_in_database_may_be_behind_a_pooler(postgres_server: str) -> None:
    url = await postgres.fresh_database(postgres_server, "pooled_own", "CREATE SCHEMA mine")
    options = StoreOptions(schema="mine", catalogue=(CatalogueDag("a", "dags/a.py", False, SERIALIZED),))
    with bouncer(url, "transaction") as pooled:
        async with open_store(pooled, options) as store:
            assert len((await Service(store).create_batch(WINDOW)).run_ids) == 4
