"""config/privileges.sql: its privileges are enough for the whole service, and for nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from dagrun_api.batches.service import Service
from dagrun_api.cli.check import report
from dagrun_api.errors import ConfigurationError, WritesRefused
from dagrun_api.model import LACKS_PRIVILEGE, Actor, BatchRequest, Prefix, RunFilter, RunType
from dagrun_api.settings import Settings
from dagrun_api.store import StoreOptions
from dagrun_api_postgres.connect import open_store
from tests.conftest import LAYOUTS
from tests.databases import schemas
from tests.databases.worlds import PostgresWorld

PRIVILEGES = (Path(__file__).parent.parent.parent / "config/privileges.sql").read_text()

REFUSED = (
    "DELETE FROM dag_run",
    "DELETE FROM dag",
    "DELETE FROM log",
    "TRUNCATE dag_run",
    "UPDATE dag_run SET run_id = 'other'",
    "UPDATE dag_run SET conf = NULL",
    "UPDATE dag SET fileloc = '/tmp/evil.py'",
    "UPDATE serialized_dag SET data = '{}'",
    "UPDATE task_instance SET state = 'success'",
    "UPDATE alembic_version SET version_num = 'other'",
    "INSERT INTO dag (dag_id) VALUES ('b')",
    "SELECT * FROM log",
    "ALTER TABLE dag_run ADD COLUMN mine text",
    "DROP TABLE dag_run",
    "CREATE ROLE another",
)

on_airflow = pytest.mark.parametrize(
    "world", [f"postgres-{layout}" for layout in LAYOUTS if layout != "standalone"], indirect=True
)


@pytest.fixture
async def url(world: PostgresWorld) -> AsyncIterator[str]:
    """The URL by which the role that the file makes connects to the world's database."""
    parts = urlsplit(world.url)
    owner = await world.another()
    try:
        # Twice, since that is promised.
        for _ in range(2):
            await owner.execute(PRIVILEGES)
        yield parts._replace(netloc=f"dagrun_api@{parts.netloc.rpartition('@')[2]}").geturl()
    finally:
        await owner.execute("DROP OWNED BY dagrun_api")
        await owner.execute("DROP ROLE dagrun_api")
        await owner.close()


@on_airflow
async def test_with_these_rights_every_request_works(world: PostgresWorld, url: str) -> None:
    await world.add_dag("a")
    await world.reach("a", datetime(2018, 2, 28, 12, tzinfo=UTC))
    actor = Actor("nightly", "id-1", "10.0.0.7")
    async with open_store(url, StoreOptions(audit_log=True)) as store:
        service = Service(store)
        await service.ready()
        window = BatchRequest("a", Prefix("etl"), datetime(2017, 9, 1, tzinfo=UTC), datetime(2017, 9, 5, tzinfo=UTC))
        assert len((await service.create_batch(window, actor)).run_ids) == 4
        assert len((await service.runs(RunFilter(prefix="etl_"), start=0, limit=10)).runs) == 4
        assert len(await service.latest_runs()) == 1
        assert [part.total for part in await service.progress(Prefix("etl"), None)] == [4]
        assert len((await service.cancel(Prefix("etl"), "a", actor)).run_ids) == 4
        assert (await service.retry(Prefix("etl"), "a", actor)).requeued == 4
        assert (await service.about()).retries == "database"
        assert len((await service.cancel(Prefix("etl"), "a", actor)).run_ids) == 4
        await service.set_paused("a", True, actor)
        assert [dag.is_paused for dag in await service.dags()] == [True]
        assert (await service.dag("a")).active_runs == 0
        assert (await service.about()).writable
        if world.layout.has_backfills:
            limited = replace(
                window, prefix=Prefix("limited"), start_date=datetime(2017, 8, 1, tzinfo=UTC), max_active_runs=2
            )
            for request in (replace(limited, end_date=datetime(2017, 8, 3, tzinfo=UTC)), limited):
                assert (await service.create_batch(request, actor)).backfill_id
            assert await service.pause_batch(Prefix("limited"), "a", True, actor) == ["a"]
            assert (await service.cancel(Prefix("limited"), "a", actor)).cancelled == 31
            assert (await service.retry(Prefix("limited"), "a", actor)).requeued == 31
    assert len(await world.audited()) == (10 if world.layout.has_backfills else 5)


@on_airflow
async def test_the_check_misses_nothing(world: PostgresWorld, url: str) -> None:
    out = StringIO()
    assert await report(Settings(database=url, audit_log=True), out) == 0
    assert ("backfills  yes\n" in out.getvalue()) == world.layout.has_backfills


@pytest.mark.parametrize("world", ["postgres-3.4.0b2"], indirect=True)
async def test_the_check_names_what_pausing_lacks_after_an_upgrade(world: PostgresWorld, url: str) -> None:
    await world.execute("REVOKE UPDATE (is_draining) ON dag FROM dagrun_api")
    with pytest.raises(ConfigurationError, match=r"grant UPDATE \(is_draining\) on dag \(to pause a DAG\)\."):
        await report(Settings(database=url), StringIO())


with_backfills = pytest.mark.parametrize(
    "world", [f"postgres-{layout}" for layout in LAYOUTS if layout.startswith("3.")], indirect=True
)


@on_airflow
async def test_a_missing_privilege_is_why_nothing_can_be_created(world: PostgresWorld, url: str) -> None:
    await world.execute("REVOKE INSERT ON dag_run FROM dagrun_api")
    async with open_store(url, StoreOptions()) as store:
        found = await Service(store).about()
    assert (found.writable, found.reason) == (False, LACKS_PRIVILEGE)


@on_airflow
async def test_without_the_rights_to_retry_only_that_is_refused(world: PostgresWorld, url: str) -> None:
    await world.add_dag("a")
    await world.add_run("a", "etl_0000001_2017-09-01T12:00:00", datetime(2017, 9, 1, 12, tzinfo=UTC), state="failed")
    # As the file of the version before left it.
    names = ["queued_at"] if world.layout.has("dag_run", "queued_at") else []
    lacking = f"UPDATE ({', '.join([*names, 'start_date'])}) on dag_run"
    await world.execute(f"REVOKE {lacking.replace(' on ', ' ON ')} FROM dagrun_api")
    async with open_store(url, StoreOptions()) as store:
        service = Service(store)
        await service.ready()
        with pytest.raises(WritesRefused) as refused:
            await service.retry(Prefix("etl"), "a")
        assert str(refused.value) == f"The database user lacks privileges to retry runs: grant {lacking}."
        assert ((await service.about()).writable, (await service.about()).retries) == (True, "none")
    out = StringIO()
    assert await report(Settings(database=url), out) == 0
    assert f"retries    no: they need {lacking}\n" in out.getvalue()


@with_backfills
async def test_the_rights_are_enough_for_native_backfills(world: PostgresWorld, url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        assert await connection.fetch("SELECT count(*) FROM backfill b JOIN backfill_dag_run r ON r.backfill_id = b.id")
        assert await connection.fetchval("SELECT nextval('backfill_id_seq') + nextval('backfill_dag_run_id_seq')")
        async with connection.transaction():
            # The constraints of the tables are not the point here, so no row is inserted.
            await connection.execute("INSERT INTO backfill SELECT * FROM backfill WHERE false")
            await connection.execute("INSERT INTO backfill_dag_run SELECT * FROM backfill_dag_run WHERE false")
            await connection.execute("UPDATE backfill SET is_paused = false, completed_at = NULL WHERE id = 0")
        for statement in ("DELETE FROM backfill", "DELETE FROM backfill_dag_run", "TRUNCATE backfill CASCADE"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


@with_backfills
async def test_without_the_rights_for_backfills_only_they_are_missing(world: PostgresWorld, url: str) -> None:
    await world.execute("REVOKE ALL ON backfill, backfill_dag_run FROM dagrun_api")
    await world.execute("REVOKE ALL ON SEQUENCE backfill_id_seq, backfill_dag_run_id_seq FROM dagrun_api")
    missing = (
        "SELECT on backfill", "INSERT on backfill", "UPDATE on backfill",
        "SELECT on backfill_dag_run", "INSERT on backfill_dag_run",
        "USAGE on sequence public.backfill_id_seq", "USAGE on sequence public.backfill_dag_run_id_seq",
    )  # fmt: skip
    await world.add_dag("a")
    first = datetime(2017, 9, 1, tzinfo=UTC)
    limited = BatchRequest("a", Prefix("etl"), first, first + timedelta(days=3), max_active_runs=1)
    async with open_store(url, StoreOptions()) as store:
        service = Service(store)
        for request in (limited, replace(limited, dry_run=True)):
            with pytest.raises(WritesRefused, match="grant SELECT on backfill, INSERT on backfill"):
                await service.create_batch(request)
        plain = await service.create_batch(replace(limited, max_active_runs=None))
        assert (len(plain.runs), plain.run_type) == (3, RunType.BACKFILL)
        assert not (await service.about()).native_backfills
        found = await store.describe()
        assert (found.obstacle, found.native_backfills, found.can_backfill) == (None, True, False)
        assert found.backfill_missing == missing
    out = StringIO()
    assert await report(Settings(database=url), out) == 0
    assert f"backfills  no: they need {', '.join(missing)}\n" in out.getvalue()


@with_backfills
async def test_without_those_rights_every_call_names_them(world: PostgresWorld, url: str) -> None:
    await world.execute("REVOKE ALL ON backfill, backfill_dag_run FROM dagrun_api")
    await world.add_dag("a")
    first = datetime(2017, 9, 1, tzinfo=UTC)
    limited = BatchRequest("a", Prefix("etl"), first, first + timedelta(days=3), max_active_runs=1)
    await Service(world.store).create_batch(limited)
    joining = replace(limited, end_date=first + timedelta(days=5), max_active_runs=None)
    async with open_store(url, StoreOptions()) as store:
        service = Service(store)
        assert [part.total for part in await service.progress(Prefix("etl"), "a")] == [3]
        calls = (
            service.create_batch(joining),
            service.pause_batch(Prefix("etl"), "a", True),
            service.cancel(Prefix("etl"), "a"),
            service.retry(Prefix("etl"), "a"),
        )
        for call in calls:
            with pytest.raises(WritesRefused, match="grant SELECT on backfill, INSERT on backfill") as refused:
                await call
            assert "Batches without max_active_runs, under another prefix, need none of them." in str(refused.value)


@on_airflow
async def test_everything_else_is_refused(world: PostgresWorld, url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        find = "SELECT tablename FROM pg_tables WHERE tablename = ANY($1)"
        secrets = [name for (name,) in await world.fetch(find, schemas.REFUSED)]
        assert len(secrets) >= 3
        for statement in (*REFUSED, *(f"SELECT * FROM {name}" for name in secrets)):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()
