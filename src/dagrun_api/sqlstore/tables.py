"""The tables of one database as they were last looked at, and how statements are run on them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager

from dagrun_api.airflow.layout import Layout
from dagrun_api.airflow.statements import HEAD, Query, Statements
from dagrun_api.errors import SchemaMismatch
from dagrun_api.sqlstore.dialect import Connection, Connections, Dialect, Row
from dagrun_api.sqlstore.schema import detect_layout
from dagrun_api.store import StoreOptions

__all__ = ["CHANGED", "Tables", "Writing"]

CHANGED = "Airflow has just changed its tables; repeat the request."

Writing = tuple[Connection, Statements]
"""A connection inside a transaction, and the statements for the tables that it sees."""


class Tables:
    """The statements for the layout that was last detected. An upgrade of Airflow is noticed, and looked at."""

    def __init__(self, connections: Connections, dialect: Dialect, layout: Layout, options: StoreOptions) -> None:
        self._connections = connections
        self._dialect = dialect
        self._options = options
        self.sql = dialect.statements(layout)

    @property
    def layout(self) -> Layout:
        """The layout that was last detected."""
        return self.sql.layout

    async def fetch(self, name: str, *parameters: object) -> Sequence[Row]:
        """Run the reading statement of this name."""
        return await self.read(lambda sql: Query(sql[name], parameters))

    async def read(self, choose: Callable[[Statements], Query]) -> Sequence[Row]:
        """Run the reading statement that is chosen; once more if Airflow was upgraded since the layout was detected."""
        try:
            text, parameters = choose(self.sql)
            return await self._connections.fetch(text, *parameters)
        except SchemaMismatch:
            await self.look_again()
            text, parameters = choose(self.sql)
            return await self._connections.fetch(text, *parameters)

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[Writing]:
        """Open a transaction on the tables of the layout: commit at the end, roll back on any exception.

        Raises `WritesRefused` when this schema must not be written to, and `SchemaMismatch` after an upgrade.
        """
        async with self.unchecked() as (connection, sql):
            if sql.layout.head is not None:
                ((head,),) = await connection.fetch(HEAD)
                await self.require_head(connection, sql, head)
            yield connection, sql

    @asynccontextmanager
    async def unchecked(self) -> AsyncGenerator[Writing]:
        """Do what `writing` does for a caller that reads the head itself, and then calls `require_head`."""
        sql = self.sql
        sql.layout.require_writable()
        async with self._connections.writing() as connection:
            yield connection, sql

    async def require_head(self, connection: Connection, sql: Statements, head: object) -> None:
        """Raise `SchemaMismatch` when this head, which a transaction sees, is not that of its statements."""
        if head != sql.layout.head:
            await self._refresh(connection)
            raise SchemaMismatch(CHANGED)

    async def look_again(self) -> None:
        """Detect the layout again."""
        async with self._connections.reading() as connection:
            await self._refresh(connection)

    async def _refresh(self, connection: Connection) -> None:
        layout = await detect_layout(connection, self._dialect, self._options)
        if layout != self.layout:
            self.sql = self._dialect.statements(layout)
