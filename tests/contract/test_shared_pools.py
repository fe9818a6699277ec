"""A store on the pool of a host: neither disturbs the other. (The shared worlds run the contract itself.)"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import ConfigurationError, Unavailable
from dagrun_api.model import BatchRequest, Prefix
from dagrun_api.store import StoreOptions
from dagrun_api_postgres import store_on
from tests.databases.pools import host_pool
from tests.databases.worlds import OPTIONS, PostgresWorld

DAY = datetime(2017, 9, 1, 12, tzinfo=UTC)
HASTY = replace(OPTIONS, pool_timeout=0.1, query_timeout=0.5)

SESSION = """
SELECT (SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings) AS settings,
       (SELECT count(*) FROM pg_listening_channels()) AS channels,
       (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory') AS locks,
       pg_backend_pid() AS pid, now() = statement_timestamp() AS is_outside_of_transactions
"""


@pytest.fixture
def airflow_url(postgres_layouts: dict[str, str]) -> str:
    return postgres_layouts["3.1.8"]


@pytest.fixture
async def airflow(airflow_url: str) -> AsyncIterator[PostgresWorld]:
    async with PostgresWorld.open(airflow_url, OPTIONS) as world:
        await world.add_dag("a")
        yield world


async def used(pool: asyncpg.Pool[Any], options: StoreOptions = OPTIONS) -> None:
    """Read, write, and fail."""
    service = Service(await store_on(pool, options))
    result = await service.create_batch(BatchRequest("a", Prefix("x"), DAY, DAY.replace(day=3), conf={"n": 1}))
    assert len(result.runs) == 3
    assert [dag.dag_id for dag in await service.dags()] == ["a"]
    assert len((await service.cancel(Prefix("x"), None)).run_ids) == 3
    with pytest.raises(RuntimeError):
        async with service._store.batch("a"):  # pyright: ignore[reportPrivateUsage]
            raise RuntimeError


async def test_connections_come_back_as_they_went(airflow: PostgresWorld) -> None:
    async with host_pool(airflow.url, max_size=1) as pool:
        async with pool.acquire() as connection:
            before = await connection.fetchrow(SESSION)
        await used(pool)
        async with pool.acquire() as connection:
            after = await connection.fetchrow(SESSION)
            assert before is not None
            assert after is not None
            for name in ("settings", "channels", "locks", "pid", "is_outside_of_transactions"):
                assert getattr(after, name) == getattr(before, name)
            # The codecs and records of the host are as they were.
            row = await connection.fetchrow("SELECT conf FROM dag_run LIMIT 1")
            assert row is not None
            assert row.conf == {"n": 1}


async def test_a_shared_pool_writes_what_its_own_pool_writes(airflow: PostgresWorld) -> None:
    async with host_pool(airflow.url) as pool:
        await used(pool)
    rows = await airflow.runs_of("a")
    assert [json.loads(row["conf"]) for row in rows] == [{"n": 1}] * 3
    assert [row["logical_date"] for row in rows] == [DAY.replace(day=day) for day in (1, 2, 3)]


@pytest.mark.parametrize(
    "settings",
    [{"statement_cache_size": 0}, {"command_timeout": 60}, {"reset": None}, {"record_class": asyncpg.Record}],
)
async def test_a_pool_may_be_made_otherwise(settings: dict[str, Any], airflow: PostgresWorld) -> None:
    async with host_pool(airflow.url, **settings) as pool:
        await used(pool)


async def test_a_pool_that_the_host_exhausts_answers_503(airflow: PostgresWorld) -> None:
    async with host_pool(airflow.url, max_size=1) as pool:
        store = await store_on(pool, HASTY)
        async with pool.acquire():
            with pytest.raises(Unavailable, match="No database connection is free"):
                await store.dags()
            with pytest.raises(Unavailable, match="No database connection is free"):
                async with store.batch("a"):
                    pass
        assert await store.dags()


async def test_a_closed_pool_is_an_unavailable_database(airflow: PostgresWorld) -> None:
    async with host_pool(airflow.url) as pool:
        store = await store_on(pool, HASTY)
    for ask in (store.dags, store.ready, store.describe):
        with pytest.raises(Unavailable, match="cannot be reached"):
            await ask()
    with pytest.raises(Unavailable):
        async with store.batch("a"):
            pass
    with pytest.raises(Unavailable):
        await store_on(pool)


async def test_a_statement_has_its_time_limit_where_the_pool_has_none(airflow: PostgresWorld) -> None:
    async with host_pool(airflow.url) as pool:
        store = await store_on(pool, HASTY)
        holder = await airflow.another()
        try:
            async with holder.transaction():
                await holder.execute("LOCK TABLE dag IN ACCESS EXCLUSIVE MODE")
                async with asyncio.timeout(30):
                    with pytest.raises(Unavailable, match="took too long"):
                        await store.dags()
        finally:
            await holder.close()
        assert await store.dags()


async def test_dead_idle_connections_of_a_pool_fail_no_request(airflow: PostgresWorld) -> None:
    async with host_pool(airflow.url, max_size=2) as pool:
        store = await store_on(pool, OPTIONS)
        for ask in (store.dags, store.latest_runs):
            await airflow.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await ask()


async def test_the_host_may_work_in_a_transaction_of_its_own_meanwhile(airflow: PostgresWorld) -> None:
    async with host_pool(airflow.url) as pool:
        store = await store_on(pool, OPTIONS)
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("CREATE TEMPORARY TABLE mine (n integer) ON COMMIT DROP")
            await Service(store).set_paused("a", True)
            await connection.execute("INSERT INTO mine VALUES (1)")
        ((paused,),) = await airflow.execute("SELECT is_paused FROM dag")
        assert paused is True


def _broken(value: Any) -> Any:
    raise ValueError(value)


@pytest.mark.parametrize(
    ("type_", "codec"),
    [
        ("timestamptz", {"encoder": str, "decoder": str, "format": "text"}),
        ("text", {"encoder": str, "decoder": str.upper, "format": "text"}),
        ("int8", {"encoder": str, "decoder": float, "format": "text"}),
        ("bool", {"encoder": str, "decoder": _broken, "format": "text"}),
        ("bytea", {"encoder": _broken, "decoder": str, "format": "text"}),
    ],
)
async def test_a_pool_that_changes_values_is_refused(type_: str, codec: dict[str, Any], airflow: PostgresWorld) -> None:
    async def init(connection: asyncpg.Connection[Any]) -> None:
        await connection.set_type_codec(type_, schema="pg_catalog", **codec)

    async with host_pool(airflow.url, init=init) as pool:
        with pytest.raises(ConfigurationError, match="The pool has its own codec for"):
            await store_on(pool)


async def test_a_schema_is_for_the_host_to_set(airflow: PostgresWorld) -> None:
    async with host_pool(airflow.url) as pool:
        with pytest.raises(ConfigurationError, match="search_path"):
            await store_on(pool, StoreOptions(schema="airflow"))
    async with host_pool(airflow.url, server_settings={"search_path": "nowhere"}) as pool:
        with pytest.raises(ConfigurationError):
            await store_on(pool)
