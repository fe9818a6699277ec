"""The connections to one server: lent for a read or inside a transaction, and given up when they are dead or silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from dagrun_api.errors import OutcomeUnknown, PoolExhausted, Unavailable, Unreachable
from dagrun_api.store import PoolUsage, StoreOptions
from dagrun_api_postgres.errors import translated

__all__ = ["LOST", "Connection", "Connections"]

_Raw: TypeAlias = "PoolConnectionProxy[Any]"

LOST = "The connection to the database was lost; repeat the request: it does only what is missing."

_RECOVERY_SECONDS = 1.0
"""Time for a connection to be of use again after it took too long.

One that is not, as when the network fell silent, is given up: the server rolls back what was begun on it by itself.
"""


class Connection:
    """One connection, with our time limit for a statement and plain records, whatever its pool was made with."""

    def __init__(self, raw: _Raw, query_timeout: float) -> None:
        self._raw = raw
        self._timeout = query_timeout

    async def fetch(self, sql: str, *parameters: object) -> list[asyncpg.Record]:
        """Run one statement and return its rows."""
        return await self._raw.fetch(sql, *parameters, timeout=self._timeout, record_class=asyncpg.Record)

    async def fetchrow(self, sql: str, *parameters: object) -> asyncpg.Record | None:
        """Run one statement and return its first row; None when there is none."""
        return await self._raw.fetchrow(sql, *parameters, timeout=self._timeout, record_class=asyncpg.Record)

    async def execute(self, sql: str, *parameters: object) -> str:
        """Run one statement, or several without parameters, and return what the server says was done."""
        return await self._raw.execute(sql, *parameters, timeout=self._timeout)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[None]:
        """Commit at the end, roll back on any exception."""
        # The driver's own limit, if the pool has one, comes first.
        patience = self._timeout + _RECOVERY_SECONDS
        transaction = self._raw.transaction(isolation="read_committed")
        async with asyncio.timeout(patience):
            await transaction.start()
        try:
            yield
        except BaseException:
            async with asyncio.timeout(_RECOVERY_SECONDS):
                await transaction.rollback()
            raise
        async with asyncio.timeout(patience):
            await transaction.commit()


class _Loan:
    """One connection of a pool, for as long as this is entered.

    A class, as it stands in the way of each request: a generator would take a hundredth of the shortest one.
    """

    __slots__ = ("_acquired", "_lender")

    def __init__(self, lender: Connections) -> None:
        self._lender = lender

    async def __aenter__(self) -> Connection:
        lender = self._lender
        lender.waiting += 1
        try:
            self._acquired = await lender.pool.acquire(timeout=lender.options.pool_timeout)
        except TimeoutError as error:
            raise PoolExhausted("No database connection is free; repeat the request in a moment.") from error
        finally:
            lender.waiting -= 1
        return Connection(self._acquired, lender.options.query_timeout)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        patience = self._lender.options.query_timeout
        if isinstance(error, TimeoutError):
            patience = min(patience, _RECOVERY_SECONDS)
        await self._lender.pool.release(self._acquired, timeout=patience)


class Connections:
    """A pool, and how long to wait for what."""

    def __init__(self, pool: asyncpg.Pool[Any], options: StoreOptions) -> None:
        self.pool = pool
        self.options = options
        self.waiting = 0
        """Requests that have asked for a connection, and have not got it yet."""
        self._limits = _limits(options)

    def usage(self) -> PoolUsage:
        """Return how the pool is used at this moment."""
        idle, size = self.pool.get_idle_size(), self.pool.get_size()
        return PoolUsage(size - idle, idle, self.pool.get_max_size(), self.waiting)

    async def fetch(self, sql: str, parameters: Sequence[object]) -> list[asyncpg.Record]:
        """Run one statement on a connection that is lent for it, and return its rows."""
        with translated():
            async with _Loan(self) as connection:
                return await connection.fetch(sql, *parameters)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Connection]:
        """Lend a connection; what the driver raises inside is raised as ours."""
        with translated():
            async with _Loan(self) as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[Connection]:
        """Lend a connection inside a transaction, which is committed at the end, and rolled back on any exception.

        Raises `OutcomeUnknown` when the end of the commit was not heard of.
        """
        is_ending = False
        try:
            with translated():
                async with AsyncExitStack() as stack:
                    yield await self._begin(stack)
                    is_ending = True
        except Unavailable as error:
            if isinstance(error, Unreachable):
                await self.expire()
            # Where the server itself says that a commit failed, it did; of any other end nobody can know.
            is_told = isinstance(error.__cause__, asyncpg.PostgresError) and not isinstance(error, Unreachable)
            if is_ending and not is_told:
                raise OutcomeUnknown(LOST) from error.__cause__
            raise

    async def expire(self) -> None:
        """Use none of the connections that are open once more: where one has died, the others may have, too."""
        await self.pool.expire_connections()

    async def _begin(self, stack: AsyncExitStack) -> Connection:
        try:
            return await self._begin_once(stack)
        except Unreachable:
            # Of a connection that died while it was idle. Nothing was asked of it yet, so it may be asked of another.
            await self.expire()
            return await self._begin_once(stack)

    async def _begin_once(self, stack: AsyncExitStack) -> Connection:
        with translated():
            async with AsyncExitStack() as opening:
                connection = await opening.enter_async_context(_Loan(self))
                await opening.enter_async_context(connection.transaction())
                await connection.execute(self._limits)
                stack.push_async_exit(opening.pop_all())
                return connection


def _limits(options: StoreOptions) -> str:
    # For one transaction only: settings of a session would stay behind at a pooler such as PgBouncer. The last is for
    # a process that is stopped, or a network that falls silent, while it holds the row that the scheduler wants.
    return (
        f"SET LOCAL lock_timeout = {int(options.lock_timeout * 1000)};"
        f"SET LOCAL statement_timeout = {int(options.query_timeout * 1000)};"
        f"SET LOCAL idle_in_transaction_session_timeout = {int(options.query_timeout * 1000)}"
    )
