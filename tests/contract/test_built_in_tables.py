"""The built-in tables: those of an earlier version are brought to the newest one when a service opens them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from dagrun_api.batches.service import Service
from dagrun_api.model import BatchRequest, Prefix
from dagrun_api.store import StoreOptions
from dagrun_api_postgres.connect import open_store as open_postgres
from dagrun_api_postgres.statements import SCHEMA as POSTGRES_SCHEMA
from dagrun_api_sqlite.connect import open_store as open_sqlite
from dagrun_api_sqlite.statements import SCHEMA as SQLITE_SCHEMA
from tests.databases import postgres
from tests.databases.worlds import SERIALIZED, SQLWorld

FIRST = datetime(2017, 9, 1, tzinfo=UTC)
DAG = (
    "INSERT INTO dag VALUES ('a', FALSE, TRUE, 'dags/a.py')",
    f"INSERT INTO serialized_dag VALUES ('a', '{SERIALIZED}', 'x', '2017-01-01 00:00:00.000000')",
)
LIMITED = BatchRequest("a", Prefix("etl"), FIRST, FIRST + timedelta(days=3), max_active_runs=1)


async def test_a_file_of_the_first_version_gets_native_backfills(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(";".join([SQLITE_SCHEMA[0].rstrip().removesuffix(";"), *DAG]))
    async with open_sqlite(f"sqlite:///{path}", StoreOptions(create=False)) as store:
        assert not store.layout.has_backfills, "a check changes nothing"
    for expected in (3, 0):
        async with open_sqlite(f"sqlite:///{path}", StoreOptions()) as store:
            assert store.layout.has_backfills
            assert len((await Service(store).create_batch(LIMITED)).runs) == expected


async def test_a_database_of_the_first_version_gets_native_backfills(postgres_server: str) -> None:
    url = await postgres.fresh_database(postgres_server, "old_built_in", POSTGRES_SCHEMA[0])
    connection = await asyncpg.connect(url)
    try:
        for statement in DAG:
            await connection.execute(statement)
    finally:
        await connection.close()
    for expected in (3, 0):
        async with open_postgres(url, StoreOptions()) as store:
            assert len((await Service(store).create_batch(LIMITED)).runs) == expected


@pytest.mark.parametrize("world", ["sqlite-standalone", "postgres-standalone"], indirect=True)
async def test_new_tables_are_those_of_the_newest_version(world: SQLWorld) -> None:
    assert world.layout.has_backfills
    assert await world.execute("SELECT version FROM dagrun_api_schema") == [(len(SQLITE_SCHEMA),)]
