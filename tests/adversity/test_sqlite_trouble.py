"""SQLite files that are locked, full, of somebody else, or not there."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import ConfigurationError, Unavailable
from dagrun_api.model import BatchRequest, CatalogueDag, Prefix, RunFilter
from dagrun_api.sqlstore.store import SQLStore
from dagrun_api.store import StoreOptions
from dagrun_api_sqlite import open_store
from dagrun_api_sqlite.connections import Connection, Connections
from dagrun_api_sqlite.dialect import DIALECT
from tests.adversity.waiting import until
from tests.databases.worlds import SERIALIZED, SQLiteWorld

START = datetime(2017, 9, 1, tzinfo=UTC)
WINDOW = BatchRequest("a", Prefix("etl"), START, START + timedelta(days=500))
HASTY = StoreOptions(pool_timeout=0.5, query_timeout=1, lock_timeout=0.5)


@pytest.fixture
async def airflow(tmp_path: Path) -> AsyncGenerator[SQLiteWorld]:
    async with SQLiteWorld.open("2.11.2", tmp_path, HASTY) as world:
        await world.add_dag("a")
        yield world


async def count(world: SQLiteWorld) -> int:
    ((number,),) = await world.execute("SELECT count(*) FROM dag_run")
    return int(number)


async def test_a_locked_file_is_not_waited_for_long(airflow: SQLiteWorld) -> None:
    with closing(sqlite3.connect(airflow.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = monotonic()
        with pytest.raises(Unavailable, match="locked"):
            await Service(airflow.store).create_batch(WINDOW)
        assert monotonic() - began < 2
        assert await airflow.store.runs(RunFilter(), after=0, limit=1) == [], "readers are not held up"
    assert len((await Service(airflow.store).create_batch(WINDOW)).run_ids) == 500


async def test_a_short_lock_is_waited_for(airflow: SQLiteWorld) -> None:
    other = sqlite3.connect(airflow.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    asyncio.get_running_loop().call_later(0.2, other.close)
    assert len((await Service(airflow.store).create_batch(WINDOW)).run_ids) == 500


async def test_a_file_that_cannot_grow_takes_all_or_nothing(airflow: SQLiteWorld) -> None:
    async def limit(pages: int) -> None:
        async with connections.writing() as connection:
            await connection.fetch(f"PRAGMA max_page_count = {pages}")

    connections = Connections(airflow.path, HASTY)
    service = Service(SQLStore(connections, DIALECT, airflow.layout, HASTY))
    try:
        await limit(1)
        with pytest.raises(Unavailable, match="no room"):
            await service.create_batch(WINDOW)
        assert await count(airflow) == 0
        await limit(1_000_000)
        assert len((await service.create_batch(WINDOW)).run_ids) == 500
    finally:
        await connections.close()
    assert await airflow.execute("PRAGMA integrity_check") == [("ok",)]


async def test_two_processes_writing_at_once_lose_nothing(airflow: SQLiteWorld) -> None:
    script = (
        "import sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)\n"
        "for n in range(200):\n"
        "    c.execute('BEGIN IMMEDIATE')\n"
        "    c.execute('INSERT INTO dag_run (dag_id, run_id, execution_date, run_type) VALUES (?, ?, ?, ?)',\n"
        "              ('b', f'other{n}', f'2017-01-01 00:00:{n:02}.000000', 'manual'))\n"
        "    c.execute('COMMIT')\n"
    )
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(airflow.path))
    created = 0
    for number in range(10):
        start = START + timedelta(days=20 * number)
        request = BatchRequest("a", Prefix("etl"), start, start + timedelta(days=19))
        while True:
            try:
                created += len((await Service(airflow.store).create_batch(request)).run_ids)
                break
            except Unavailable:
                await asyncio.sleep(0.05)
    assert await other.wait() == 0
    assert await count(airflow) == 200 + created
    assert len({run.run_id for run in await airflow.store.runs(RunFilter(dag_id="a"), after=0, limit=999)}) == created


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"this is no database, but it is long enough to look like something" * 20, "is not a SQLite database"),
        ("CREATE TABLE somebody (else_s TEXT)", "no tables of Airflow"),
        ("CREATE TABLE dag (dag_id TEXT); CREATE TABLE dag_run (id INTEGER)", "does not have the columns"),
    ],
)
async def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path, content: bytes | str, told: str) -> None:
    path = tmp_path / "their.db"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(content)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match=told):
        async with open_store(f"sqlite:///{path}", HASTY):
            pass
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite://", "needs a file"),
        ("sqlite:///", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:///{}/no/such/folder/x.db", "folder"),
        ("sqlite:///{}", "is not a file"),
    ],
)
async def test_a_file_that_cannot_be_is_told_in_one_sentence(tmp_path: Path, url: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        async with open_store(url.format(tmp_path), HASTY):
            pass


async def test_an_absent_file_is_made_only_when_it_may_be(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    with pytest.raises(ConfigurationError, match="does not exist"):
        async with open_store(url, StoreOptions(create=False)):
            pass
    assert list(tmp_path.iterdir()) == []
    async with open_store(url, StoreOptions()) as store:
        assert await store.dags() == []


async def test_loading_a_catalogue_again_keeps_what_the_api_did(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/own.db"
    one, two = CatalogueDag("a", "dags/a.py", True, SERIALIZED), CatalogueDag("b", "dags/b.py", False, SERIALIZED)
    async with open_store(url, StoreOptions(catalogue=(one, two))) as store:
        assert [(dag.dag_id, dag.is_paused) for dag in await store.dags()] == [("a", True), ("b", False)]
        await Service(store).create_batch(BatchRequest("b", Prefix("etl"), START, START + timedelta(days=3)))
        before = await store.serialized_dag("a")
    with closing(sqlite3.connect(tmp_path / "own.db")) as connection, connection:
        connection.execute("UPDATE dag SET is_paused = 0 WHERE dag_id = 'a'")
    moved = CatalogueDag("a", "dags/moved.py", True, SERIALIZED.replace("12", "13"))
    async with open_store(url, StoreOptions(catalogue=(moved,))) as store:
        (dag,) = await store.dags()
        assert (dag.dag_id, dag.full_path, dag.is_paused) == ("a", "dags/moved.py", False)
        assert await store.serialized_dag("a") != before
        assert len(await store.runs(RunFilter(dag_id="b"), after=0, limit=9)) == 3, "the runs of b stay"
    async with open_store(url, StoreOptions(catalogue=(moved, two))) as store:
        assert len(await store.dags()) == 2


async def test_a_catalogue_is_not_for_the_database_of_an_airflow(airflow: SQLiteWorld) -> None:
    with pytest.raises(ConfigurationError, match="leave the catalogue"):
        async with open_store(f"sqlite:///{airflow.path}", StoreOptions(catalogue=())):
            pass


async def test_airflows_file_keeps_its_journal_mode(airflow: SQLiteWorld) -> None:
    await Service(airflow.store).create_batch(WINDOW)
    assert await airflow.execute("PRAGMA journal_mode") == [("delete",)]


async def test_a_slow_statement_is_interrupted(airflow: SQLiteWorld) -> None:
    endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c"
    connections = Connections(airflow.path, HASTY)
    began = monotonic()
    try:
        async with connections.reading() as connection:
            with pytest.raises(TimeoutError):
                await connection.fetch(endless)
            assert await connection.fetch("SELECT 1") == [(1,)]
    finally:
        await connections.close()
    assert monotonic() - began < 3


async def test_no_more_readers_are_opened_than_the_pool_holds(tmp_path: Path) -> None:
    options = StoreOptions(pool_size=2, pool_timeout=10)
    async with SQLiteWorld.open("2.11.2", tmp_path, options) as world:
        before = threading.active_count()
        await asyncio.gather(*(world.store.dags() for _ in range(20)))
        assert threading.active_count() - before <= 2


async def test_a_reader_that_does_not_open_takes_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch = Connection.fetch

    async def late(self: Connection, sql: str, *arguments: Any, **more: Any) -> Any:
        if "query_only" in sql:
            raise TimeoutError
        return await fetch(self, sql, *arguments, **more)

    before = threading.active_count()
    async with SQLiteWorld.open("2.11.2", tmp_path, replace(HASTY, pool_size=2)) as world:
        monkeypatch.setattr(Connection, "fetch", late)
        for _ in range(5):
            with pytest.raises(Unavailable, match="too long"):
                await world.store.dags()
        monkeypatch.undo()
        assert await world.store.dags() == []
    # A thread of one that was left open would keep the process.
    await until("every thread has ended", lambda: threading.active_count() <= before)
