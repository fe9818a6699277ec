"""Why the database cannot be used: told to the operator, and not to clients."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from tests.adversity.proxy import Proxy
from tests.adversity.service import serving
from tests.databases.worlds import PostgresWorld
from tests.service.ports import free_port
from tests.service.process import clean_environment

SECRET = "hunter2"
BODY = {"dag_id": "a", "prefix": "etl", "start_date": "2017-09-01", "end_date": "2017-09-04", "conf": {"key": SECRET}}
UNREACHED = "The database cannot be reached, or the connection to it was lost"
UNREADABLE = "The database URL cannot be read"

on_airflow = pytest.mark.parametrize("world", ["postgres-3.1.8"], indirect=True)


async def told(command: str, url: str, folder: Path) -> str:
    """Return the line by which a command ends that cannot use a database."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dagrun_api", command),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env=clean_environment() | {"DAGRUN_API_DATABASE": url, "DAGRUN_API_CONNECT_TIMEOUT": "2"},
    )
    output, errors = await process.communicate()
    assert process.returncode == 1
    assert SECRET not in output.decode() + errors.decode()
    return errors.decode().splitlines()[-1].removeprefix("dagrun-api: ")


@pytest.mark.parametrize("command", ["serve", "check"])
async def test_host_port_database_and_cause_are_told(command: str, tmp_path: Path) -> None:
    port = free_port()
    assert await told(command, f"postgresql://u:{SECRET}@127.0.0.1:{port}/airflow", tmp_path) == (
        f"{UNREACHED} (host 127.0.0.1, port {port}, database airflow: Connection refused)."
    )


async def test_an_unknown_host_is_told(tmp_path: Path) -> None:
    said = await told("check", f"postgresql://u:{SECRET}@no.such.host.invalid/airflow?application_name=x", tmp_path)
    assert said.startswith(f"{UNREACHED} (host no.such.host.invalid, port 5432, database airflow: ")


@on_airflow
async def test_a_server_without_tls_is_told(proxy: Proxy, tmp_path: Path) -> None:
    parts = urlsplit(proxy.url)
    said = await told("check", parts._replace(query="sslmode=require").geturl(), tmp_path)
    assert said.startswith(f"{UNREACHED} (host 127.0.0.1, port {parts.port}, database layout_3_1_8: ")
    assert said.endswith("rejected SSL upgrade).")


async def test_a_missing_certificate_is_told(tmp_path: Path) -> None:
    url = f"postgresql://u:{SECRET}@127.0.0.1/x?sslmode=verify-full&sslrootcert={tmp_path}/none.crt"
    said = await told("check", url, tmp_path)
    assert said == f"The database URL names a file that cannot be read: sslrootcert={tmp_path}/none.crt."


@on_airflow
async def test_an_unknown_parameter_of_the_url_is_named(world: PostgresWorld, proxy: Proxy, tmp_path: Path) -> None:
    assert world.url
    parts = urlsplit(proxy.url)
    for query in (f"ssl_mode={SECRET}", f"passwrod={SECRET}&connect_timeout=3"):
        said = await told("check", parts._replace(query=query).geturl(), tmp_path)
        assert said.startswith("The server refuses a parameter of the database URL (host 127.0.0.1, port ")
        assert f'unrecognized configuration parameter "{query.partition("=")[0]}"' in said


async def test_an_unknown_parameter_for_a_file_is_named(tmp_path: Path) -> None:
    said = await told("check", f"sqlite:///x.db?timeout=30&mode=ro&password={SECRET}", tmp_path)
    assert said == "The database URL has a parameter that is unknown here (mode, password)."


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:1/{}@127.0.0.1:1/x",
        "postgresql://u:1?{}@127.0.0.1:1/x",
        "postgresql://u:1?a&{}=x@127.0.0.1:1/x",
        "postgresql://u:1#{}@127.0.0.1:1/x",
        "postgresql://u:a@{}@127.0.0.1:1/x",
        "postgresql://u:a@b/{}@127.0.0.1:1/x",
    ],
)
async def test_a_password_that_looks_like_a_place_is_not_shown(url: str, tmp_path: Path) -> None:
    assert (await told("check", url.format(SECRET), tmp_path)).startswith(UNREADABLE)


@on_airflow
async def test_the_log_has_the_cause_and_no_values_of_a_row(world: PostgresWorld, tmp_path: Path) -> None:
    await world.add_dag("a")
    await world.execute("ALTER TABLE dag_run ADD CONSTRAINT odd CHECK (run_id NOT LIKE 'etl%')")
    try:
        async with (
            serving(world.url, tmp_path) as service,
            ClientSession() as session,
            session.post(f"{service.address}/api/v1/dag_runs", json=BODY) as response,
        ):
            assert response.status == 503
            assert "odd" not in await response.text()
    finally:
        await world.execute("ALTER TABLE dag_run DROP CONSTRAINT odd")
    assert 'database layout_3_1_8: ERROR 23514: new row for relation "dag_run" violates check' in service.log
    assert SECRET not in service.log


@on_airflow
async def test_an_outage_names_the_place_in_the_log_only(world: PostgresWorld, proxy: Proxy, tmp_path: Path) -> None:
    assert world.url
    port = urlsplit(proxy.url).port
    for path in ("/readyz", "/api/v1/dags"):
        async with serving(proxy.url, tmp_path) as service, ClientSession() as session:
            await proxy.stop()
            async with session.get(f"{service.address}{path}") as response:
                assert await response.json() == {"response": {"error": f"{UNREACHED}."}}
            await proxy.start()
        place = f"(host 127.0.0.1, port {port}, database layout_3_1_8: Connection refused)"
        assert f"Database unavailable: {UNREACHED} {place}" in service.log
