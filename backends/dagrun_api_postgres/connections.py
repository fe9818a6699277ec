"""The connections to one server: each is lent for one read or one transaction, and closed when it is lost or silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from dagrun_api.errors import OutcomeUnknown, PoolExhausted, Unavailable, Unreachable
from dagrun_api.sqlstore.obstacles import Obstacles
from dagrun_api.store import PoolUsage, StoreOptions
from dagrun_api_postgres.errors import LOST, translated
from dagrun_api_postgres.statements import OBSTACLES, limits

__all__ = ["Connection", "Connections"]

_Raw: TypeAlias = "PoolConnectionProxy[Any]"

_STANDBY = "The database is a standby, which cannot be written to; connect the service to the primary."
_READ_ONLY = "The database allows only reading: its setting default_transaction_read_only is on."

_RECOVERY_SECONDS = 1.0
"""The time in which a connection has to answer again after a statement took too long.

If it does not, as when the network falls silent, it is closed, and the server rolls the transaction back by itself.
"""

_EXHAUSTED = "No database connection is free; repeat the request in a moment."


class Connection:
    """One connection, with our time limit for a statement and plain records, however its pool was made."""

    def __init__(self, raw: _Raw, options: StoreOptions, search_path: str | None = None) -> None:
        self._raw = raw
        self._timeout = options.query_timeout
        self._search_path = search_path

    async def fetch(self, sql: str, *parameters: object) -> list[asyncpg.Record]:
        """Run one statement and return its rows."""
        # Only reads come without a transaction.
        if self._search_path is not None and not self._raw.is_in_transaction():
            async with self.transaction():
                return await self.fetch(sql, *parameters)
        return await self._raw.fetch(sql, *parameters, timeout=self._timeout, record_class=asyncpg.Record)

    async def execute(self, sql: str, *parameters: object) -> int:
        """Run one statement and return how many rows it changed."""
        # Such as `UPDATE 1` or `INSERT 0 500`.
        status = await self._raw.execute(sql, *parameters, timeout=self._timeout)
        return int(status.rpartition(" ")[2])

    async def insert_runs(
        self,
        sql: str,
        columns: Sequence[Sequence[object]],
        confs: Sequence[object],
        shared: Sequence[object],
        conf: object,
    ) -> int:
        """Insert one run for each position of these columns, all with the shared values; return how many were added."""
        # The statement takes the conf of the batch where the array has NULL.
        return await self.execute(sql, *columns, confs, *shared, conf)

    async def script(self, sql: str) -> None:
        """Run several statements without parameters."""
        await self._raw.execute(sql, timeout=self._timeout)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[None]:
        """Commit at the end, roll back on any exception."""
        # If the pool has a shorter limit of its own, that one ends the statement.
        patience = self._timeout + _RECOVERY_SECONDS
        transaction = self._raw.transaction(isolation="read_committed")
        async with asyncio.timeout(patience):
            await transaction.start()
        try:
            if self._search_path is not None:
                await self.script(self._search_path)
            yield
        except BaseException:
            async with asyncio.timeout(_RECOVERY_SECONDS):
                await transaction.rollback()
            raise
        async with asyncio.timeout(patience):
            await transaction.commit()


class _Loan:
    """Lends one connection of a pool while it is entered.

    This is a class because every request enters it: a generator takes a hundredth of the shortest one.
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
            if lender.pool.get_size() < lender.pool.get_max_size():
                # What did not come in time is a new connection.
                raise
            raise PoolExhausted(_EXHAUSTED) from error
        finally:
            lender.waiting -= 1
        return Connection(self._acquired, lender.options, lender.search_path)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        patience = self._lender.options.query_timeout
        if isinstance(error, TimeoutError):
            patience = min(patience, _RECOVERY_SECONDS)
        await self._lender.pool.release(self._acquired, timeout=patience)


class Connections:
    """A pool, and the time limits of its users.

    `place` says where the database is. `search_path` is a statement that begins each transaction, where a pooler keeps
    no settings of a session.
    """

    def __init__(
        self, pool: asyncpg.Pool[Any], options: StoreOptions, place: str = "", search_path: str | None = None
    ) -> None:
        self.pool = pool
        self.options = options
        self.search_path = search_path
        self._place = place
        self._translated = translated(place)
        self.waiting = 0
        """Requests that wait for a connection."""
        self._limits = limits(options)
        # One connection is left to reads, also while every writer waits for a lock.
        self._writers = asyncio.Semaphore(max(1, pool.get_max_size() - 1))

    def usage(self) -> PoolUsage:
        """Return how the pool is used at this moment."""
        idle, size = self.pool.get_idle_size(), self.pool.get_size()
        return PoolUsage(size - idle, idle, self.pool.get_max_size(), self.waiting)

    async def fetch(self, sql: str, *parameters: object) -> list[asyncpg.Record]:
        """Run one reading statement on a connection that is lent for it, and return its rows."""
        try:
            return await self._fetch_once(sql, parameters)
        except Unreachable:
            # A connection that died while it was idle shows it only when it is used. A read may be repeated.
            await self._expire()
            return await self._fetch_once(sql, parameters)

    async def obstacles(self, *, audit: bool) -> Obstacles:
        """Return what keeps the service from writing, in one round trip; `audit`: is the log written?"""
        ((is_standby, is_read_only, missing, for_backfills, for_retries),) = await self.fetch(OBSTACLES, audit)
        refusal = _STANDBY if is_standby else _READ_ONLY if is_read_only else None
        if refusal is not None:
            await self._expire()
        return Obstacles(refusal, tuple(missing), tuple(for_backfills), tuple(for_retries), self._place)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Connection]:
        """Lend a connection for reading."""
        with self._translated:
            async with _Loan(self) as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[Connection]:
        """Lend a connection inside a transaction: commit at the end, roll back on any exception.

        Raises `OutcomeUnknown` when the connection is lost during the commit.
        """
        is_ending = False
        try:
            with self._translated:
                async with AsyncExitStack() as stack:
                    yield await self._begin(stack)
                    is_ending = True
        except Unavailable as error:
            is_lost = isinstance(error, Unreachable)
            if is_lost or isinstance(error.__cause__, asyncpg.ReadOnlySQLTransactionError):
                await self._expire()
            # If the server itself says that a commit failed, it failed. After any other error nobody can know.
            is_told = isinstance(error.__cause__, asyncpg.PostgresError) and not is_lost
            if is_ending and not is_told:
                raise OutcomeUnknown(LOST, because=error.because) from error.__cause__
            if is_lost:
                raise Unreachable(LOST, because=error.because) from error.__cause__
            raise

    async def _fetch_once(self, sql: str, parameters: Sequence[object]) -> list[asyncpg.Record]:
        with self._translated:
            async with _Loan(self) as connection:
                return await connection.fetch(sql, *parameters)

    async def _begin(self, stack: AsyncExitStack) -> Connection:
        try:
            return await self._begin_once(stack)
        except Unreachable:
            # The connection died while it was idle. Nothing was sent on it yet, so another one can do the same.
            await self._expire()
            return await self._begin_once(stack)

    async def _begin_once(self, stack: AsyncExitStack) -> Connection:
        with self._translated:
            async with AsyncExitStack() as opening:
                await opening.enter_async_context(self._writers_place())
                connection = await opening.enter_async_context(_Loan(self))
                await opening.enter_async_context(connection.transaction())
                await connection.script(self._limits)
                stack.push_async_exit(opening.pop_all())
                return connection

    @asynccontextmanager
    async def _writers_place(self) -> AsyncGenerator[None]:
        """Take one of the places that writers have in the pool."""
        self.waiting += 1
        try:
            async with asyncio.timeout(self.options.pool_timeout):
                await self._writers.acquire()
        except TimeoutError as error:
            raise PoolExhausted(_EXHAUSTED) from error
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._writers.release()

    async def _expire(self) -> None:
        """Replace every connection before it is used again.

        Where one has died, the others may have died too. Where one reaches a server that cannot be written to, a new
        one may reach the primary: another host of the URL, or the one that the address leads to by now.
        """
        await self.pool.expire_connections()
