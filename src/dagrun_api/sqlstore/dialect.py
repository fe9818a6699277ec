"""What a SQL backend provides: its connections, its statements, and how a row becomes a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from dagrun_api.airflow.layout import Layout
from dagrun_api.airflow.statements import Statements
from dagrun_api.model import Dag, DagRun
from dagrun_api.sqlstore.obstacles import Obstacles
from dagrun_api.store import PoolUsage

__all__ = ["Connection", "Connections", "Dialect", "Row"]

Row: TypeAlias = Iterable[Any]
"""The values of one row, in the order of the columns."""


class Connection(Protocol):
    """One connection. Each statement ends within the query timeout.

    Parameters are plain values, aware datetimes, and lists of them; a connection converts them for its driver.
    """

    async def fetch(self, sql: str, *parameters: object) -> Sequence[Row]:
        """Run one statement and return its rows."""
        ...

    async def execute(self, sql: str, *parameters: object) -> int:
        """Run one statement and return how many rows it changed."""
        ...

    async def insert_runs(
        self,
        sql: str,
        columns: Sequence[Sequence[object]],
        confs: Sequence[object],
        shared: Sequence[object],
        conf: object,
    ) -> int:
        """Insert one run for each position of these columns, all with the shared values; return how many were added.

        Where `confs` has None, the run has the conf of the batch, which is sent once where the driver allows it.
        """
        ...

    async def script(self, sql: str) -> None:
        """Run several statements without parameters."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """Commit at the end, roll back on any exception."""
        ...


class Connections(Protocol):
    """The connections of one store. Errors of the driver leave them as errors of this package."""

    def usage(self) -> PoolUsage:
        """Return how the connections are used at this moment."""
        ...

    async def fetch(self, sql: str, *parameters: object) -> Sequence[Row]:
        """Run one reading statement on a connection that is lent for it, and return its rows."""
        ...

    async def obstacles(self, *, audit: bool) -> Obstacles:
        """Return what keeps the service from writing, in at most one round trip; `audit`: is the log written?"""
        ...

    def reading(self) -> AbstractAsyncContextManager[Connection]:
        """Lend a connection for reading."""
        ...

    def writing(self) -> AbstractAsyncContextManager[Connection]:
        """Lend a connection inside a transaction: commit at the end, roll back on any exception.

        Raises `OutcomeUnknown` when the connection is lost during the commit.
        """
        ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """One kind of SQL database."""

    name: str
    """Such as `PostgreSQL`."""
    statements: Callable[[Layout], Statements]
    """The statements of `queries.sql` for a layout."""
    columns: str
    """A statement that returns table, column, type and required for the columns of the tables in its parameter."""
    schema: Sequence[str]
    """Scripts that create the tables of the built-in database: one for each version, from the version before it."""
    dag: Callable[[Row], Dag]
    run: Callable[[Row], DagRun]
    instant: Callable[[Any], datetime | None]
    """Converts a column that holds a timestamp."""
    before_schema: str | None = None
    """A statement to run before the built-in tables are created, outside of any transaction."""
    schema_lock: str | None = None
    """A statement that makes other services wait while this one creates or fills the built-in tables."""
