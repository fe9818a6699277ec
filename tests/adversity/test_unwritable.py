"""A PostgreSQL that answers and cannot be written to: readiness and `check` say so without trying."""

from __future__ import annotations

import os
from collections.abc import Generator
from io import StringIO
from urllib.parse import urlsplit

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.cli.check import report
from dagrun_api.errors import ConfigurationError, Unavailable
from dagrun_api.settings import Settings
from dagrun_api.store import StoreOptions
from dagrun_api_postgres import open_store
from tests.databases import postgres
from tests.databases.worlds import PostgresWorld

READ_ONLY = "The database allows only reading: its setting default_transaction_read_only is on."

STANDBY = "The database is a standby, which cannot be written to; connect the service to the primary."

pytestmark = pytest.mark.parametrize("world", ["postgres-3.1.8"], indirect=True)


async def refused(url: str) -> Unavailable:
    """Return the error of the readiness."""
    async with open_store(url, StoreOptions()) as store:
        with pytest.raises(Unavailable) as caught:
            await store.ready()
    return caught.value


async def test_a_read_only_database_is_not_ready(world: PostgresWorld) -> None:
    await world.execute("ALTER DATABASE layout_3_1_8 SET default_transaction_read_only = on")
    try:
        error = await refused(world.url)
        assert (str(error), error.because.rpartition("database ")[2]) == (READ_ONLY, "layout_3_1_8")
        out = StringIO()
        with pytest.raises(ConfigurationError, match="default_transaction_read_only is on"):
            await report(Settings(database=world.url), out)
        assert "writes     no" in out.getvalue()
    finally:
        await world.execute("SET default_transaction_read_only = off")
        await world.execute("ALTER DATABASE layout_3_1_8 RESET default_transaction_read_only")


@pytest.fixture
def standby(world: PostgresWorld) -> Generator[str]:
    """The URL of the world's database on a standby."""
    if postgres.GIVEN in os.environ:
        pytest.skip("a copy of a given server may need another version")
    with postgres.standby(world.url) as server:
        yield postgres.database_url(server, "layout_3_1_8")


async def test_a_standby_is_not_ready(world: PostgresWorld, standby: str) -> None:
    assert world.url != standby
    assert str(await refused(standby)) == STANDBY
    with pytest.raises(ConfigurationError, match="is a standby"):
        await report(Settings(database=standby), StringIO())
    async with open_store(standby, StoreOptions()) as store:
        assert await store.dags() == []
        with pytest.raises(Unavailable, match="read-only, perhaps a standby"):
            await Service(store).set_paused("a", True)


@pytest.mark.parametrize(
    ("taken", "missing"),
    [
        ("INSERT ON dag_run", "INSERT on dag_run"),
        ("UPDATE ON dag", "UPDATE on dag (to lock its row)"),
        ("USAGE, UPDATE ON SEQUENCE dag_run_id_seq", "USAGE on sequence public.dag_run_id_seq"),
    ],
)
async def test_a_missing_privilege_is_not_ready(world: PostgresWorld, taken: str, missing: str) -> None:
    parts = urlsplit(world.url)
    await world.execute("CREATE ROLE writer LOGIN")
    try:
        await world.execute("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO writer")
        await world.execute("GRANT USAGE, UPDATE ON ALL SEQUENCES IN SCHEMA public TO writer")
        url = parts._replace(netloc=f"writer@{parts.netloc.rpartition('@')[2]}").geturl()
        async with open_store(url, StoreOptions()) as store:
            await store.ready()
        await world.execute(f"REVOKE {taken} FROM writer")
        error = await refused(url)
        assert str(error) == "The database user of this service lacks a privilege; `dagrun-api check` names it."
        assert error.because.endswith(f"database layout_3_1_8: it needs {missing}")
    finally:
        await world.execute("DROP OWNED BY writer")
        await world.execute("DROP ROLE writer")


async def test_a_sequence_may_be_used_by_who_may_update_it(world: PostgresWorld) -> None:
    parts = urlsplit(world.url)
    await world.execute("CREATE ROLE writer LOGIN")
    try:
        await world.execute("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO writer")
        await world.execute("GRANT UPDATE ON ALL SEQUENCES IN SCHEMA public TO writer")
        url = parts._replace(netloc=f"writer@{parts.netloc.rpartition('@')[2]}").geturl()
        async with open_store(url, StoreOptions()) as store:
            await store.ready()
    finally:
        await world.execute("DROP OWNED BY writer")
        await world.execute("DROP ROLE writer")
