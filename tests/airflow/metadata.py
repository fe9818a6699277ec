"""The database that Airflow and our service share, and a look into it that goes through neither."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Protocol

import asyncpg

from tests.databases import postgres

Row = tuple[object, ...]

_PRIVILEGES = (Path(__file__).parents[2] / "config/privileges.sql").read_text()
_ROLE = "dagrun_api"
"""The user that it creates."""


def instant(value: object) -> datetime:
    """Return a time of a row, which SQLite keeps as text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(f"{value}+00:00")


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
        """Create the database, in place of one that is there."""
        self._server, self._name = server, name
        self.address = asyncio.run(postgres.fresh_database(server, name))
        self.url = self.address.replace("postgresql://", "postgresql+psycopg2://", 1)

    def rows(self, query: str, *values: object) -> list[Row]:
        """Return the rows of a query of the owner of the tables."""
        return asyncio.run(self._fetch(query, *values))

    def grant(self) -> str:
        """Run config/privileges.sql, as after each upgrade, and return the address for the user that it creates."""
        self.rows(_PRIVILEGES)
        return f"postgresql+psycopg2://{_ROLE}@{self.url.rpartition('@')[2]}"

    def drop(self) -> None:
        """Delete the database, and the user if there is one."""
        asyncio.run(self._drop())

    async def _drop(self) -> None:
        connection = await asyncpg.connect(self._server)
        try:
            await connection.execute(f'DROP DATABASE "{self._name}" WITH (FORCE)')
            await connection.execute(f"DROP ROLE IF EXISTS {_ROLE}")
        finally:
            await connection.close()

    async def _fetch(self, query: str, *values: object) -> list[Row]:
        connection = await asyncpg.connect(self.address)
        try:
            return [tuple(record) for record in await connection.fetch(query, *values)]
        finally:
            await connection.close()
