"""The connections to one server: lent for a read or inside a transaction, and given up when they are dead or silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from dagrun_api.errors import OutcomeUnknown, Unavailable
from dagrun_api.store import StoreOptions
from dagrun_api_postgres.failures import ConnectionLost, translated

__all__ = ["LOST", "Connection", "Connections"]

Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

LOST = "The connection to the database was lost; repeat the request: it does only what is missing."

_RECOVERY_SECONDS = 1.0
"""Time for a connection to be of use again after it took too long.

One that is not, as when the network fell silent, is given up: the server rolls back what was begun on it by itself.
"""


class Connections:
    """A pool, and how long to wait for what."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], options: StoreOptions) -> None:
        self._pool = pool
        self._options = options
        self._limits = _limits(options)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Connection]:
        """Lend a connection; what the driver raises inside is raised as ours."""
        with translated():
            async with self._lent() as connection:
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
            if isinstance(error, ConnectionLost):
                await self.expire()
            # Where the server itself says that a commit failed, it did; of any other end nobody can know.
            is_told = isinstance(error.__cause__, asyncpg.PostgresError) and not isinstance(error, ConnectionLost)
            if is_ending and not is_told:
                raise OutcomeUnknown(LOST) from error.__cause__
            raise

    async def expire(self) -> None:
        """Use none of the connections that are open once more: where one has died, the others may have, too."""
        await self._pool.expire_connections()

    @asynccontextmanager
    async def _lent(self) -> AsyncGenerator[Connection]:
        try:
            acquired = await self._pool.acquire(timeout=self._options.pool_timeout)
        except TimeoutError as error:
            raise Unavailable("No database connection is free; repeat the request in a moment.") from error
        patience = self._options.query_timeout
        try:
            yield acquired
        except TimeoutError:
            patience = min(patience, _RECOVERY_SECONDS)
            raise
        finally:
            await self._pool.release(acquired, timeout=patience)

    async def _begin(self, stack: AsyncExitStack) -> Connection:
        try:
            return await self._begin_once(stack)
        except ConnectionLost:
            # Of a connection that died while it was idle. Nothing was asked of it yet, so it may be asked of another.
            await self.expire()
            return await self._begin_once(stack)

    async def _begin_once(self, stack: AsyncExitStack) -> Connection:
        with translated():
            async with AsyncExitStack() as opening:
                connection = await opening.enter_async_context(self._lent())
                await opening.enter_async_context(_committing(connection))
                await connection.execute(self._limits)
                stack.push_async_exit(opening.pop_all())
                return connection


@asynccontextmanager
async def _committing(connection: Connection) -> AsyncGenerator[None]:
    transaction = connection.transaction(isolation="read_committed")
    await transaction.start()
    try:
        yield
    except BaseException:
        async with asyncio.timeout(_RECOVERY_SECONDS):
            await transaction.rollback()
        raise
    await transaction.commit()


def _limits(options: StoreOptions) -> str:
    # For one transaction only: settings of a session would stay behind at a pooler such as PgBouncer. The last is for
    # a process that is stopped, or a network that falls silent, while it holds the row that the scheduler wants.
    return (
        f"SET LOCAL lock_timeout = {int(options.lock_timeout * 1000)};"
        f"SET LOCAL statement_timeout = {int(options.query_timeout * 1000)};"
        f"SET LOCAL idle_in_transaction_session_timeout = {int(options.query_timeout * 1000)}"
    )
