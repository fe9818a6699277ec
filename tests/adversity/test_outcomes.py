"""How a commit ended: done, failed, or not to be known, which is told apart for the audit trail's sake."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import OutcomeUnknown, Unavailable
from dagrun_api.model import BatchRequest, Prefix, RunFilter
from dagrun_api.store import Store, StoreOptions
from dagrun_api_postgres import open_store
from dagrun_api_sqlite.connections import Connection
from tests.adversity.proxy import Proxy
from tests.databases.worlds import PostgresWorld, SQLiteWorld, World

START = datetime(2017, 9, 1, tzinfo=UTC)
WINDOW = BatchRequest("a", Prefix("etl"), START, START + timedelta(days=3))
HASTY = StoreOptions(pool_size=1, pool_timeout=0.5, connect_timeout=0.5, query_timeout=0.5, lock_timeout=0.5)

on_postgres = pytest.mark.parametrize("world", ["postgres-3.1.8"], indirect=True)
on_sqlite = pytest.mark.parametrize("world", ["sqlite-3.1.8"], indirect=True)


@pytest.fixture
async def store(proxy: Proxy) -> AsyncGenerator[Store]:
    async with open_store(proxy.url, HASTY) as store:
        yield store


async def number_of_runs(world: World) -> int:
    return len(await world.store.runs(RunFilter(), after=0, limit=99))


@on_postgres
@pytest.mark.parametrize("trouble", ["cut", "silence"])
async def test_a_connection_lost_at_commit_leaves_it_unknown(proxy: Proxy, store: Store, trouble: str) -> None:
    async def write() -> None:
        async with store.batch("a"):
            if trouble == "cut":
                await proxy.cut()
            proxy.is_black_hole = True

    with pytest.raises(OutcomeUnknown, match="was lost; repeat the request"):
        await write()


@on_postgres
async def test_a_connection_lost_before_commit_wrote_nothing(proxy: Proxy, store: Store) -> None:
    async def write() -> None:
        async with store.batch("a") as batch:
            await proxy.cut()
            await batch.last_run(Prefix("etl"))

    with pytest.raises(Unavailable) as caught:
        await write()
    assert not isinstance(caught.value, OutcomeUnknown)


@on_postgres
async def test_a_commit_that_the_server_refuses_has_failed(world: PostgresWorld) -> None:
    await world.add_dag("a")
    await world.execute(
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$no$$; END'"
    )
    await world.execute(
        "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON dag_run DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    try:
        with pytest.raises(Unavailable) as caught:
            await Service(world.store).create_batch(WINDOW)
    finally:
        await world.execute("DROP TRIGGER late ON dag_run")
    assert not isinstance(caught.value, OutcomeUnknown)
    assert await number_of_runs(world) == 0


@on_sqlite
@pytest.mark.parametrize("is_in_time", [True, False])
async def test_a_commit_that_took_too_long_on_sqlite_is_asked_after(world: SQLiteWorld, is_in_time: bool) -> None:
    await world.add_dag("a")
    service = Service(world.store)
    await service.create_batch(replace(WINDOW, dry_run=True))
    fetch = Connection.fetch

    async def slow(self: Connection, sql: str, *parameters: object, **more: Any) -> object:
        if sql == "COMMIT":
            if is_in_time:
                await fetch(self, sql, *parameters, **more)
            raise TimeoutError
        return await fetch(self, sql, *parameters, **more)

    with patch.object(Connection, "fetch", slow), pytest.raises(Unavailable) as caught:
        await service.create_batch(WINDOW)
    assert isinstance(caught.value, OutcomeUnknown) is is_in_time
    assert await number_of_runs(world) == (3 if is_in_time else 0)
