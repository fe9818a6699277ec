"""Rows in Airflow's log: one for each write, in the same transaction, and none if the option is off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dagrun_api.airflow.layout import Generation
from dagrun_api.batches.service import Service
from dagrun_api.errors import ConfigurationError, InvalidRequest, NotFound, Unavailable
from dagrun_api.model import Actor, AuditEntry, BatchRequest, Prefix, RunFilter, Write
from dagrun_api.store import Store, StoreOptions
from dagrun_api_postgres.connect import open_store as open_postgres
from dagrun_api_sqlite.connect import open_store as open_sqlite
from dagrun_api_sqlite.timestamps import to_text
from tests.conftest import WORLDS, open_world
from tests.databases.worlds import Audited, MemoryWorld, PostgresWorld, SQLiteWorld, SQLWorld, World

NOW = datetime(2018, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
FIRST = datetime(2017, 9, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NIGHTLY = Actor("nightly", "id-1", "10.0.0.7")
WHO = {"request_id": "id-1", "remote": "10.0.0.7"}

EVENTS = {
    Generation.AIRFLOW_1: ["trigger", "paused", "paused", "dagrun_failed", "dagrun_clear"],
    Generation.AIRFLOW_2: [
        "api.post_dag_run",
        "api.patch_dag",
        "api.patch_dag",
        "api.update_dag_run_state",
        "api.clear_dag_run",
    ],
    Generation.AIRFLOW_3: ["trigger_dag_run", "patch_dag", "patch_dag", "patch_dag_run", "clear_dag_run"],
}


@pytest.fixture(params=[name for name in WORLDS if not name.endswith("standalone")])
async def world(request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str | None) -> AsyncIterator[World]:
    """Each store over each layout of Airflow's, with the option on."""
    async with AsyncExitStack() as stack:
        world = await open_world(stack, str(request.param), tmp_path, postgres_url, audit_log=True)
        await world.add_dag("a")
        await world.reach("a", datetime(2018, 2, 28, 12, tzinfo=UTC))
        yield world


def service(world: World) -> Service:
    return Service(world.store, clock=lambda: NOW)


def window(days: int, *, dry_run: bool = False) -> BatchRequest:
    return BatchRequest("a", Prefix("etl"), FIRST, FIRST + days * DAY, dry_run=dry_run)


def opened(world: SQLWorld, options: StoreOptions) -> AbstractAsyncContextManager[Store]:
    """Open the database of a world once more."""
    if isinstance(world, SQLiteWorld):
        return open_sqlite(f"sqlite:///{world.path}", options)
    assert isinstance(world, PostgresWorld)
    return open_postgres(world.url, options)


async def test_each_write_leaves_one_row_that_tells_who_did_what(world: World) -> None:
    await world.add_run("a", "theirs", FIRST + timedelta(hours=12))
    await service(world).create_batch(window(3), NIGHTLY)
    await service(world).set_paused("a", True, NIGHTLY)
    await service(world).set_paused("a", False)
    await service(world).cancel(Prefix("etl"), None, NIGHTLY, all_dags=True)
    await service(world).retry(Prefix("etl"), None, NIGHTLY)
    nobody = {"request_id": None, "remote": None}
    counts = {"cancelled": 2}
    assert await world.audited() == [
        Audited("a", "dagrun-api:nightly", {**WHO, "prefix": "etl", "created": 2, "skipped": 1}),
        Audited("a", "dagrun-api:nightly", {**WHO, "is_paused": True}),
        Audited("a", "dagrun-api", {**nobody, "is_paused": False}),
        Audited("a", "dagrun-api:nightly", {**WHO, "prefix": "etl", **counts}),
        Audited("a", "dagrun-api:nightly", {**WHO, "prefix": "etl", "requeued": 2}),
    ]


async def test_a_batch_of_several_dags_that_is_cancelled_names_none(world: World) -> None:
    await world.add_dag("b")
    for dag_id in ("a", "b"):
        await world.add_run(dag_id, "etl_0000001_2017-09-01T12:00:00", FIRST, state=world.state_at_birth)
    await service(world).cancel(Prefix("etl"), None, NIGHTLY, all_dags=True)
    counts = {"cancelled": 2}
    assert await world.audited() == [Audited(None, "dagrun-api:nightly", {**WHO, "prefix": "etl", **counts})]


async def test_each_write_to_a_backfill_names_it(world: World) -> None:
    if isinstance(world, SQLWorld) and not world.layout.has_backfills:
        return
    await world.add_dag("b")
    ids: list[int] = []
    for dag_id in ("a", "b"):
        created = await service(world).create_batch(replace(window(2), dag_id=dag_id, max_active_runs=1), NIGHTLY)
        ids.append(created.backfill_id or 0)
    await service(world).create_batch(window(3), NIGHTLY)
    await service(world).cancel(Prefix("etl"), "b", NIGHTLY)
    await service(world).pause_batch(Prefix("etl"), None, True, NIGHTLY, all_dags=True)
    await service(world).pause_batch(Prefix("etl"), "a", False, NIGHTLY)
    batch = {**WHO, "prefix": "etl"}
    a, b = ids
    assert await world.audited() == [
        Audited("a", "dagrun-api:nightly", {**batch, "backfill_ids": [a], "created": 2, "skipped": 0}),
        Audited("b", "dagrun-api:nightly", {**batch, "backfill_ids": [b], "created": 2, "skipped": 0}),
        Audited("a", "dagrun-api:nightly", {**batch, "backfill_ids": [a], "created": 1, "skipped": 2}),
        Audited("b", "dagrun-api:nightly", {**batch, "backfill_ids": [b], "cancelled": 2}),
        # The other one had ended.
        Audited(None, "dagrun-api:nightly", {**batch, "backfill_ids": [a], "is_paused": True}),
        Audited("a", "dagrun-api:nightly", {**batch, "backfill_ids": [a], "is_paused": False}),
    ]
    if isinstance(world, SQLWorld):
        creating, pausing = ["create_backfill"] * 3, ["pause_backfill", "unpause_backfill"]
        assert [row["event"] for row in await world.log_rows()] == [*creating, "cancel_backfill", *pausing]


async def test_the_columns_are_those_that_airflow_itself_fills(world: World) -> None:
    if not isinstance(world, SQLWorld):
        return
    await service(world).create_batch(window(2), NIGHTLY)
    await service(world).set_paused("a", True, NIGHTLY)
    await service(world).set_paused("a", False, NIGHTLY)
    await service(world).cancel(Prefix("etl"), "a", NIGHTLY)
    await service(world).retry(Prefix("etl"), "a", NIGHTLY)
    rows = await world.log_rows()
    assert [row["event"] for row in rows] == EVENTS[world.layout.generation]
    for row in rows:
        assert row["dttm"] == (to_text(NOW) if isinstance(world, SQLiteWorld) else NOW)
        assert (row["dag_id"], row["owner"]) == ("a", "dagrun-api:nightly")
        assert row.get("owner_display_name", "dagrun-api:nightly") == "dagrun-api:nightly"
        filled = {name for name, value in row.items() if value is not None}
        assert filled <= {"id", "dttm", "dag_id", "event", "owner", "owner_display_name", "extra"}


async def test_native_backfills_have_the_events_of_airflows_own(world: World) -> None:
    if not isinstance(world, SQLWorld) or not world.layout.has_backfills:
        return
    limited = BatchRequest("a", Prefix("etl"), FIRST, FIRST + 2 * DAY, max_active_runs=1)
    created = await service(world).create_batch(limited, NIGHTLY)
    for paused in (True, False):
        await service(world).pause_batch(Prefix("etl"), "a", paused, NIGHTLY)
    await service(world).cancel(Prefix("etl"), "a", NIGHTLY)
    assert [(row["dag_id"], row["event"]) for row in await world.log_rows()] == [
        ("a", f"{done}_backfill") for done in ("create", "pause", "unpause", "cancel")
    ]
    extras = [row.extra for row in await world.audited()]
    assert [extra["backfill_ids"] for extra in extras] == [[created.backfill_id]] * 4
    assert [extra.get("is_paused") for extra in extras] == [None, True, False, None]


async def test_what_writes_nothing_leaves_no_row(world: World) -> None:
    await service(world).create_batch(window(2, dry_run=True), NIGHTLY)
    with pytest.raises(InvalidRequest):
        await service(world).create_batch(BatchRequest("nowhere", Prefix("etl"), FIRST, FIRST + DAY), NIGHTLY)
    with pytest.raises(InvalidRequest):
        await service(world).create_batch(BatchRequest("a", Prefix("etl"), FIRST, FIRST + 9 * DAY, limit=2), NIGHTLY)
    with pytest.raises(NotFound):
        await service(world).set_paused("nowhere", True, NIGHTLY)
    with pytest.raises(NotFound):
        await service(world).cancel(Prefix("etl"), None, NIGHTLY)
    await world.add_run("a", "etl_0000001_2017-09-01T12:00:00", FIRST + timedelta(hours=12), state="success")
    await service(world).cancel(Prefix("etl"), None, NIGHTLY)
    await service(world).create_batch(window(1), NIGHTLY)
    await service(world).retry(Prefix("etl"), None, NIGHTLY)
    await world.add_run("a", "no_0000001_2017-09-02T12:00:00", FIRST + timedelta(hours=36), state="failed")
    await service(world).retry(Prefix("no"), None, NIGHTLY, dry_run=True)
    assert await world.audited() == []


async def test_a_transaction_that_is_undone_takes_its_row_with_it(world: World) -> None:
    async def interrupted() -> None:
        async with world.store.batch("a") as batch:
            await batch.audit(AuditEntry(NOW, Write.CREATE, NIGHTLY, "a", Prefix("etl")))
            raise LookupError

    with pytest.raises(LookupError):
        await interrupted()
    assert await world.audited() == []


async def test_a_row_that_cannot_be_written_undoes_the_write(world: World) -> None:
    if isinstance(world, MemoryWorld):
        return
    assert isinstance(world, SQLWorld)
    await service(world).create_batch(window(1), NIGHTLY)
    if isinstance(world, SQLiteWorld):
        await world.execute(
            "CREATE TRIGGER no_log BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'no room for this row'); END"
        )
    else:
        await world.execute("ALTER TABLE log ADD CONSTRAINT no_log CHECK (owner <> 'dagrun-api:late')")
    late = Actor("late", "id-2", None)
    try:
        with pytest.raises(Unavailable):
            await service(world).create_batch(window(3), late)
        with pytest.raises(Unavailable):
            await service(world).set_paused("a", True, late)
        with pytest.raises(Unavailable):
            await service(world).cancel(Prefix("etl"), "a", late)
    finally:
        if not isinstance(world, SQLiteWorld):
            await world.execute("ALTER TABLE log DROP CONSTRAINT no_log")
    (run,) = await world.store.runs(RunFilter(dag_id="a", prefix="etl_"), after=0, limit=9)
    assert run.state == world.state_at_birth
    assert not (await world.store.dags())[0].is_paused


@pytest.mark.parametrize("world", ["sqlite-2.11.2", "postgres-3.1.8"], indirect=True)
async def test_without_the_option_the_log_is_left_alone(world: SQLWorld) -> None:
    async with opened(world, StoreOptions()) as store:
        plain = Service(store, clock=lambda: NOW)
        await plain.create_batch(window(2), NIGHTLY)
        await plain.set_paused("a", True, NIGHTLY)
        await plain.cancel(Prefix("etl"), "a", NIGHTLY)
    assert await world.log_rows() == []


@pytest.mark.parametrize("world", ["sqlite-2.11.2", "postgres-3.1.8"], indirect=True)
async def test_a_database_of_airflow_that_has_lost_its_log_is_refused(world: SQLWorld) -> None:
    await world.execute("ALTER TABLE log RENAME TO old_log")
    options = StoreOptions(audit_log=True)
    try:
        with pytest.raises(
            ConfigurationError, match="audit_log is on, but this database does not have Airflow's table log"
        ):
            await opened(world, options).__aenter__()
        with pytest.raises(ConfigurationError, match="turn the option off"):
            await world.store.ready()
    finally:
        await world.execute("ALTER TABLE old_log RENAME TO log")


@pytest.mark.parametrize("world", ["postgres-1.10.15", "postgres-3.3.2"], indirect=True)
async def test_the_audit_log_names_a_missing_privilege(world: PostgresWorld) -> None:
    parts = urlsplit(world.url)
    await world.execute("DROP ROLE IF EXISTS silent")
    await world.execute("CREATE ROLE silent LOGIN")
    await world.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO silent")
    await world.execute("GRANT INSERT, UPDATE ON dag, dag_run TO silent")
    await world.execute("GRANT USAGE ON SEQUENCE dag_run_id_seq TO silent")
    url = parts._replace(netloc=f"silent@{parts.netloc.rpartition('@')[2]}").geturl()
    try:
        async with open_postgres(url, StoreOptions()) as store:
            assert (await store.describe()).missing == ()
        async with open_postgres(url, StoreOptions(audit_log=True)) as store:
            assert (await store.describe()).missing == ("INSERT on log", "USAGE on sequence public.log_id_seq")
            with pytest.raises(Unavailable, match="lacks a privilege"):
                await Service(store, clock=lambda: NOW).create_batch(window(2), NIGHTLY)
        assert await world.store.progress(Prefix("etl"), "a") == []
    finally:
        await world.execute("DROP OWNED BY silent")
        await world.execute("DROP ROLE silent")


async def test_the_built_in_database_has_no_such_log(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="turn the option off"):
        async with open_sqlite(f"sqlite:///{tmp_path / 'own.db'}", StoreOptions(audit_log=True, catalogue=())):
            pass
