"""PostgreSQL gone, silent, cut off in the middle, and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import monotonic
from urllib.parse import urlsplit

import asyncpg
import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import (
    ConfigurationError,
    DagrunApiError,
    SchemaMismatch,
    TimedOut,
    Unavailable,
    WritesRefused,
)
from dagrun_api.model import BatchRequest, Prefix, RunFilter
from dagrun_api.store import Store, StoreOptions
from dagrun_api_postgres import open_store
from tests.adversity.proxy import Proxy
from tests.databases.worlds import PostgresWorld

START = datetime(2017, 9, 1, tzinfo=UTC)
WINDOW = BatchRequest("a", Prefix("etl"), START, START + timedelta(days=500))
HASTY = StoreOptions(pool_size=3, pool_timeout=0.5, connect_timeout=0.5, query_timeout=1, lock_timeout=0.5)

pytestmark = pytest.mark.parametrize("world", ["postgres-3.1.8"], indirect=True)


@pytest.fixture
async def store(proxy: Proxy) -> AsyncGenerator[Store]:
    async with open_store(proxy.url, HASTY) as store:
        yield store


async def count(world: PostgresWorld) -> int:
    ((number,),) = await world.execute("SELECT count(*) FROM dag_run")
    return int(number)


async def test_reading_goes_on_when_every_idle_connection_was_ended(world: PostgresWorld, store: Store) -> None:
    for _ in range(3):
        await asyncio.gather(*(store.dags() for _ in range(3)))
        await world.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dagrun-api'"
        )
        assert len(await store.dags()) == 1


async def test_a_server_is_missed_and_used_again_at_once(proxy: Proxy, store: Store) -> None:
    await store.ready()
    await proxy.stop()
    for attempt in (store.dags, store.ready, lambda: Service(store).create_batch(WINDOW)):
        began = monotonic()
        with pytest.raises(Unavailable):
            await attempt()
        assert monotonic() - began < 2.5
    await proxy.start()
    assert len(await store.dags()) == 1
    await store.ready()


async def test_a_silent_server_does_not_hold_a_request(proxy: Proxy, store: Store) -> None:
    await store.dags()
    proxy.is_black_hole = True
    began = monotonic()
    answers = await asyncio.gather(*(store.dags() for _ in range(6)), return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers), answers
    assert monotonic() - began < 5
    proxy.is_black_hole = False
    await proxy.cut()
    assert len(await store.dags()) == 1


async def test_a_silent_server_is_not_called_a_busy_pool(proxy: Proxy, store: Store) -> None:
    proxy.is_black_hole = True
    await proxy.cut()
    for _ in range(2):
        with pytest.raises(TimedOut, match="took too long"):
            await store.dags()


async def test_a_dag_that_another_holds_is_not_waited_for_long(world: PostgresWorld, store: Store) -> None:
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(world.url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT 1 FROM dag WHERE dag_id = 'a' FOR NO KEY UPDATE")
            began = monotonic()
            with pytest.raises(Unavailable, match="holds this DAG"):
                await Service(store).create_batch(WINDOW)
            assert monotonic() - began < 1.5
            assert len(await store.runs(RunFilter(), after=0, limit=1)) == 0, "readers are not held up"
    finally:
        await connection.close()
    assert len((await Service(store).create_batch(WINDOW)).run_ids) == 500


async def test_a_network_that_falls_silent_does_not_hold_the_dag(
    world: PostgresWorld, proxy: Proxy, store: Store
) -> None:
    with suppress(Unavailable):
        async with store.batch("a") as batch:
            await batch.taken([START])
            proxy.is_black_hole = True
            began = monotonic()
            while not await world.execute("SELECT 1 FROM dag WHERE dag_id = 'a' FOR NO KEY UPDATE SKIP LOCKED"):
                assert monotonic() - began < 5, "the server still holds the row"
                await asyncio.sleep(0.1)
    proxy.is_black_hole = False


async def test_a_scheduler_passes_over_a_dag_that_a_batch_holds(world: PostgresWorld, store: Store) -> None:
    schedulers = "SELECT dag_id FROM dag WHERE dag_id = 'a' FOR NO KEY UPDATE SKIP LOCKED"
    async with store.batch("a"):
        assert await world.execute(schedulers) == []
    assert await world.execute(schedulers) == [("a",)]


async def test_an_upgrade_of_airflow_is_noticed_by_the_next_batch(world: PostgresWorld, store: Store) -> None:
    await Service(store).ready()
    ((head,),) = await world.execute("SELECT version_num FROM alembic_version")
    await world.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    try:
        with pytest.raises(DagrunApiError, match="alembic head ffffffffffff"):
            await Service(store).create_batch(WINDOW)
        assert len(await store.dags()) == 1
    finally:
        await world.execute("UPDATE alembic_version SET version_num = ?", [head])
    assert await count(world) == 0
    assert len((await Service(store).create_batch(WINDOW)).run_ids) == 500


async def _create(service: Service) -> None:
    await service.create_batch(WINDOW)


async def _cancel(service: Service) -> None:
    await service.cancel(Prefix("etl"), "a")


async def _pause(service: Service) -> None:
    await service.set_paused("a", paused=True)


@pytest.mark.parametrize("write", [_cancel, _pause])
async def test_an_upgrade_is_noticed_in_the_transaction_that_writes(
    world: PostgresWorld, store: Store, write: Callable[[Service], Awaitable[object]]
) -> None:
    service = Service(store)
    await service.create_batch(BatchRequest("a", Prefix("etl"), START, START + timedelta(days=9)))
    ((head,),) = await world.execute("SELECT version_num FROM alembic_version")
    await world.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    try:
        with pytest.raises(SchemaMismatch):
            await write(service)
    finally:
        await world.execute("UPDATE alembic_version SET version_num = ?", [head])
    assert {run.state for run in await store.runs(RunFilter(), after=0, limit=20)} == {"queued"}
    assert not (await store.dags())[0].is_paused


@pytest.mark.parametrize("write", [_create, _cancel, _pause])
async def test_the_end_of_an_upgrade_is_noticed_by_the_next_write(
    world: PostgresWorld, store: Store, write: Callable[[Service], Awaitable[object]]
) -> None:
    service = Service(store)
    await service.create_batch(BatchRequest("a", Prefix("etl"), START, START + timedelta(days=9)))
    ((head,),) = await world.execute("SELECT version_num FROM alembic_version")
    # A step of `airflow db migrate` that is the end of no release.
    await world.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    try:
        with pytest.raises(WritesRefused):
            await service.create_batch(WINDOW)
        with pytest.raises(WritesRefused):
            await write(service)
    finally:
        await world.execute("UPDATE alembic_version SET version_num = ?", [head])
    await write(service)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://{host}/nowhere?{query}", "no database of this name"),
        ("postgresql://nobody:secret@{host}/layout_3_1_8?{query}", "user or password"),
        ("postgresql://postgres:secret@127.0.0.1:1/x", "cannot be reached"),
        ("postgresql://postgres:secret@no.such.host.invalid/x", "cannot be reached"),
        ("postgresql://postgres:secret@127.0.0.1:port/x", "URL cannot be read"),
        ("postgresql://postgres:secret@127.0.0.1/x?sslmode=perhaps", "URL cannot be used: `sslmode` parameter must be"),
    ],
)
async def test_a_database_that_does_not_open_is_one_sentence(world: PostgresWorld, url: str, told: str) -> None:
    parts = urlsplit(world.url)
    host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    if "@" not in url:
        url = url.replace("{host}", f"{parts.username}:{parts.password or ''}@{{host}}")
    with pytest.raises((ConfigurationError, Unavailable), match=told) as caught:
        async with open_store(url.format(host=host, query=parts.query), HASTY):
            pass
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_missing_privileges_are_named_and_nothing_is_written(world: PostgresWorld) -> None:
    await world.add_dag("a")
    parts = urlsplit(world.url)
    await world.execute("DROP ROLE IF EXISTS reader")
    await world.execute("CREATE ROLE reader LOGIN")
    await world.execute("GRANT USAGE ON SCHEMA public TO reader")
    await world.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    url = parts._replace(netloc=f"reader@{parts.netloc.rpartition('@')[2]}").geturl()
    try:
        async with open_store(url, HASTY) as store:
            assert (await store.describe()).missing == (
                "INSERT on dag_run",
                "UPDATE on dag (to lock its row)",
                "USAGE on sequence public.dag_run_id_seq",
            )
            with pytest.raises(Unavailable, match="lacks a privilege"):
                await Service(store).create_batch(WINDOW)
        await world.execute("REVOKE SELECT ON dag_run FROM reader")
        async with open_store(url, HASTY) as store:
            with pytest.raises(Unavailable, match="lacks a privilege"):
                await store.runs(RunFilter(), after=0, limit=1)
        await world.execute("REVOKE SELECT ON alembic_version FROM reader")
        with pytest.raises(ConfigurationError, match="SELECT on dag"):
            async with open_store(url, HASTY):
                pass
        await world.execute("GRANT SELECT ON dag_run, alembic_version TO reader")
        await world.execute("GRANT INSERT ON dag_run TO reader")
        await world.execute("GRANT UPDATE (is_paused) ON dag TO reader")
        await world.execute("GRANT USAGE ON SEQUENCE dag_run_id_seq TO reader")
        async with open_store(url, HASTY) as store:
            assert (await store.describe()).missing == ()
            assert len((await Service(store).create_batch(WINDOW)).run_ids) == 500
    finally:
        await world.execute("DROP OWNED BY reader")
        await world.execute("DROP ROLE reader")


async def test_cancel_leaves_to_the_scheduler_what_it_is_starting(world: PostgresWorld, store: Store) -> None:
    await Service(store).create_batch(WINDOW)
    scheduler: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(world.url)
    try:
        async with scheduler.transaction():
            taken = await scheduler.fetch(
                "SELECT run_id FROM dag_run ORDER BY id LIMIT 7 FOR NO KEY UPDATE SKIP LOCKED"
            )
            found = await Service(store).cancel(Prefix("etl"), None)
            await scheduler.execute(
                "UPDATE dag_run SET state = 'running' WHERE id <= (SELECT min(id) + 6 FROM dag_run)"
            )
    finally:
        await scheduler.close()
    assert (len(found.run_ids), found.started, found.ended) == (493, 7, 0)
    assert not {row[0] for row in taken} & set(found.run_ids)
    (progress,) = await store.progress(Prefix("etl"), "a")
    assert progress.states == {"failed": 493, "running": 7}
