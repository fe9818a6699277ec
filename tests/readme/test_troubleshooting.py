"""What the section Troubleshooting quotes is what the service says."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import asyncpg
import pytest

from dagrun_api.errors import Unavailable
from dagrun_api.store import StoreOptions
from dagrun_api_sqlite import open_store
from tests.databases import postgres
from tests.databases.pgbouncer import bouncer
from tests.databases.schemas import ddl, postgres_ddl
from tests.readme.page import ROOT, block
from tests.readme.shell import shell
from tests.service.ports import free_port
from tests.service.process import serving

PAGE = "config/README.md"


class OtherProgram(BaseHTTPRequestHandler):
    """Answers everything with 404."""

    def do_GET(self) -> None:
        self.send_error(404, "Not Found")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
async def of_a_reader(postgres_server: str) -> str:
    """The URL by which a user with nothing but SELECT connects to a database of Airflow."""
    url = await postgres.fresh_database(postgres_server, "troubles", postgres_ddl("3.1.8"))
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "DO $$ BEGIN CREATE ROLE troubled LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO troubled"
        )
    finally:
        await connection.close()
    return url.replace("postgres:@", "troubled:@", 1)


@pytest.fixture
def other_server() -> Iterator[int]:
    """The port of a server that is not this service."""
    with HTTPServer(("127.0.0.1", 0), OtherProgram) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = shell(f"dagrun-api serve --port {port}", tmp_path, status=1)
    assert said.replace(port, "8080") == block("text", "Cannot listen", PAGE)


def test_another_program_at_the_address(tmp_path: Path, other_server: int) -> None:
    said = shell(f"dagrun-api dags --url http://127.0.0.1:{other_server}", tmp_path, status=1)
    assert said.replace(str(other_server), "8080") == block("text", "not an answer of this API", PAGE)


def test_a_name_that_is_not_allowed(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        connection = HTTPConnection("127.0.0.1", service.port)
        with closing(connection):
            connection.request("GET", "/api/v1/dags", headers={"Host": "airflow-box"})
            sentence: str = json.load(connection.getresponse())["response"]["error"]
        assert f"dagrun-api: {sentence}\n" == block("text", "does not answer to the host", PAGE)
        assert block("text", "Refused a request", PAGE).rstrip() in service.log


def test_a_user_without_privileges(tmp_path: Path, of_a_reader: str) -> None:
    said = shell(f"dagrun-api check --database '{of_a_reader}'", tmp_path, status=1)
    assert said.endswith(block("text", "needs more privileges", PAGE))


def test_an_unknown_airflow(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "airflow.db")) as connection:
        connection.executescript(ddl("3.1.8", "sqlite"))
        connection.execute("INSERT INTO alembic_version VALUES ('0123456789ab')")
        connection.commit()
    said = shell("dagrun-api check --database sqlite:///airflow.db", tmp_path, status=1)
    assert said.endswith(block("text", "alembic head", PAGE))


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    port = str(free_port())
    said = shell(f"dagrun-api check --database postgresql://u@127.0.0.1:{port}/airflow", tmp_path, status=1)
    assert said.replace(port, "5432") == block("text", "Connection refused", PAGE)


def test_an_unknown_parameter(tmp_path: Path, of_a_reader: str) -> None:
    said = shell(f"dagrun-api check --database '{of_a_reader}&ssl_mode=require'", tmp_path, status=1)
    assert elsewhere(said) == block("text", "unrecognized configuration parameter", PAGE)


def test_a_read_only_database(tmp_path: Path, of_a_reader: str) -> None:
    url = f"{of_a_reader}&default_transaction_read_only=on"
    said = shell(f"dagrun-api check --database '{url}'", tmp_path, status=1)
    assert said.endswith(block("text", "allows only reading", PAGE))


def test_a_standby() -> None:
    sentence = block("text", "is a standby", PAGE).removeprefix("dagrun-api: ").rstrip()
    assert sentence in (ROOT / "backends/dagrun_api_postgres/connections.py").read_text()


async def test_a_file_that_was_deleted(tmp_path: Path) -> None:
    path = tmp_path / "lost.db"
    async with open_store(f"sqlite:///{path}", StoreOptions()) as store:
        path.unlink()
        with pytest.raises(Unavailable) as caught:
            await store.ready()
    assert str(caught.value) == block("text", "was deleted or replaced", PAGE).rstrip()


def test_a_pooler(tmp_path: Path, of_a_reader: str) -> None:
    with bouncer(of_a_reader, "transaction") as url, serving(tmp_path, "--database", url) as service:
        assert block("text", "statement cache is off", PAGE).rstrip() in service.log
    with bouncer(of_a_reader, "transaction") as url:
        said = shell(f"dagrun-api check --statement-cache --database '{url}'", tmp_path, status=1)
    assert said == block("text", "leave statement_cache out", PAGE)


def elsewhere(said: str) -> str:
    """Return what was said as if the database were where the page has it."""
    return re.sub(r"host \S+, port \d+, database \w+", "host 127.0.0.1, port 5432, database airflow", said)
