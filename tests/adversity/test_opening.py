"""Opening databases in unusual places."""

from __future__ import annotations

import asyncio
import struct
import sys
from pathlib import Path

import pytest

from dagrun_api.backends import open_store as open_by_url
from dagrun_api.errors import ConfigurationError
from dagrun_api.model import CatalogueDag
from dagrun_api.settings import Settings
from dagrun_api.store import StoreOptions
from dagrun_api_postgres import open_store
from tests.databases import postgres
from tests.databases.schemas import ddl, head_of
from tests.databases.worlds import SERIALIZED


async def test_airflows_tables_may_stand_in_a_schema_of_their_own(postgres_server: str) -> None:
    tables = ddl("2.11.2", "postgres").replace("public.", '"my-airflow".')
    rows = f"""INSERT INTO "my-airflow".alembic_version VALUES ('{head_of("2.11.2")}')"""
    url = await postgres.fresh_database(postgres_server, "elsewhere", f'CREATE SCHEMA "my-airflow";{tables}{rows}')
    async with open_store(url, StoreOptions(schema="my-airflow")) as store:
        await store.ready()
        assert await store.dags() == []
        assert (await store.describe()).missing == ()
    with pytest.raises(ConfigurationError, match="no tables of Airflow"):
        async with open_store(url, StoreOptions()):
            pass


async def test_services_may_create_the_built_in_database_at_once(postgres_server: str) -> None:
    url = await postgres.fresh_database(postgres_server, "shared_own")
    catalogue = (CatalogueDag("a", "dags/a.py", False, SERIALIZED),)

    async def opened() -> int:
        async with open_store(url, StoreOptions(catalogue=catalogue)) as store:
            return len(await store.dags())

    assert await asyncio.gather(*(opened() for _ in range(4))) == [1, 1, 1, 1]
    with pytest.raises(ConfigurationError, match="no tables of Airflow"):
        async with open_store(await postgres.fresh_database(postgres_server, "empty"), StoreOptions()):
            pass


async def test_a_catalogue_is_not_for_the_database_of_an_airflow(postgres_server: str) -> None:
    rows = f"INSERT INTO public.alembic_version VALUES ('{head_of('3.1.8')}')"
    url = await postgres.fresh_database(postgres_server, "theirs", ddl("3.1.8", "postgres") + rows)
    with pytest.raises(ConfigurationError, match="leave the catalogue"):
        async with open_store(url, StoreOptions(catalogue=())):
            pass


@pytest.mark.parametrize("url", ["mysql://root@localhost/airflow", "mysql+pymysql://x/y", "sqlserver://x/y"])
def test_a_scheme_that_no_backend_serves_names_those_that_are(url: str) -> None:
    with pytest.raises(ConfigurationError, match="postgres, postgresql, sqlite"):
        open_by_url(Settings(database=url))


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+pysqlite", "SQLITE"])
async def test_sqlalchemys_spellings_are_understood(tmp_path: Path, scheme: str) -> None:
    async with open_by_url(Settings(database=f"{scheme}:///{tmp_path}/x.db")) as store:
        assert await store.dags() == []


async def refuse_password(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as a PostgreSQL does to whom it asks for a password, and who has another."""
    (length,) = struct.unpack("!i", await reader.readexactly(4))
    code = await reader.readexactly(length - 4)
    if code == struct.pack("!i", 80877103):
        # It asks whether there is TLS.
        writer.write(b"N")
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        await reader.readexactly(length - 4)
    writer.write(b"R" + struct.pack("!ii", 8, 3))
    await reader.readexactly(1)
    (length,) = struct.unpack("!i", await reader.readexactly(4))
    assert await reader.readexactly(length - 4) == b"hunter2\0"
    error = b'SFATAL\0C28P01\0Mpassword authentication failed for user "airflow"\0\0'
    writer.write(b"E" + struct.pack("!i", 4 + len(error)) + error)
    writer.close()


async def test_a_wrong_password_stops_the_start_and_is_not_shown(tmp_path: Path) -> None:
    async with await asyncio.start_server(refuse_password, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        database = f"postgresql://airflow:hunter2@127.0.0.1:{port}/airflow"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "dagrun_api", "serve", "--database", database, "--port", "0"),
            stderr=asyncio.subprocess.PIPE,
            cwd=tmp_path,
        )
        _, output = await process.communicate()
    assert process.returncode == 1
    assert output.decode().splitlines()[-1] == (
        f"dagrun-api: The database refuses this user or password (host 127.0.0.1, port {port}, database airflow: "
        'FATAL 28P01: password authentication failed for user "airflow").'
    )
    assert b"Traceback" not in output
    assert b"hunter2" not in output
