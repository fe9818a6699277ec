"""The connections to one file: one writer, and readers that never wait for the writer in this process."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import aiosqlite

from dagrun_api.errors import Locked, OutcomeUnknown, PoolExhausted
from dagrun_api.sqlstore.obstacles import Obstacles
from dagrun_api.store import PoolUsage, StoreOptions
from dagrun_api_sqlite.dialect import bind, bind_column
from dagrun_api_sqlite.errors import translated
from dagrun_api_sqlite.file import DatabaseFile
from dagrun_api_sqlite.statements import BEGIN, COMMIT, READ_ONLY, ROLLBACK

__all__ = ["Connection", "Connections"]

_PATIENCE = 0.02
"""Seconds for which a read waits for the one before it; a page of 100 runs takes about 0.0003."""

_UNSEEN = 1.0
"""Seconds for which reads may go on with a file that was deleted or replaced; each write looks for itself."""

_T = TypeVar("_T")


class Connection:
    """One connection; a statement that takes longer than the query timeout is interrupted."""

    def __init__(self, raw: aiosqlite.Connection, options: StoreOptions) -> None:
        self._raw = raw
        self._timeout = options.query_timeout
        self._lock_timeout = options.lock_timeout

    async def fetch(self, sql: str, *parameters: object, extra_time: float = 0.0) -> list[sqlite3.Row]:
        """Run one statement and return its rows."""
        bound = [bind(parameter) for parameter in parameters]
        return list(await self._limited(self._raw.execute_fetchall(sql, bound), extra_time))

    async def execute(self, sql: str, *parameters: object) -> int:
        """Run one statement and return how many rows it changed."""
        bound = [bind(parameter) for parameter in parameters]
        return await self._limited(_row_count(self._raw.execute(sql, bound)))

    async def insert_runs(
        self,
        sql: str,
        columns: Sequence[Sequence[object]],
        confs: Sequence[object],
        shared: Sequence[object],
        conf: object,
    ) -> int:
        """Insert one run for each position of these columns, all with the shared values; return how many were added."""
        # COALESCE in the statement, as in PostgreSQL, makes the insert 6 to 20 % slower.
        own_confs = [conf if own is None else own for own in confs]
        same = [bind(value) for value in shared]
        rows = [(*own, *same) for own in zip(*map(bind_column, columns), own_confs, strict=True)]
        # One call for all rows. A JSON array, as in the other statements, cannot hold the pickled conf of Airflow 2.
        return await self._limited(_row_count(self._raw.executemany(sql, rows)))

    async def script(self, sql: str) -> None:
        """Run several statements without parameters, inside the transaction that is open."""
        for statement in sql.split(";\n"):
            if statement.strip():
                await self.fetch(statement)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[None]:
        """Hold the write lock: commit at the end, roll back on any exception."""
        is_ending = False
        try:
            await self.fetch(BEGIN, extra_time=self._lock_timeout)
            yield
            is_ending = True
            await self.fetch(COMMIT, extra_time=self._lock_timeout)
        except BaseException as error:
            # Also after a BEGIN that took too long: it may still have taken the lock.
            try:
                await self._raw.execute_fetchall(ROLLBACK)
            except sqlite3.OperationalError:
                # No transaction is open: a commit that took too long may have succeeded all the same.
                if is_ending and isinstance(error, TimeoutError):
                    raise OutcomeUnknown(
                        "The database took too long to commit; repeat the request: it does only what is missing."
                    ) from error
            raise

    async def close(self) -> None:
        """Close the connection and end its thread."""
        await self._raw.close()

    async def _limited(self, work: Awaitable[_T], extra_time: float = 0.0) -> _T:
        try:
            async with asyncio.timeout(self._timeout + extra_time):
                return await work
        except (TimeoutError, asyncio.CancelledError):
            # The statement would run on without the one that waits for it, and hold its locks.
            await self._raw.interrupt()
            raise


class Connections:
    """The writer and the readers of one file; each is opened when it is first needed."""

    def __init__(self, path: Path, options: StoreOptions) -> None:
        self._file = DatabaseFile(path)
        self._options = options
        self._translated = translated(path)
        self._writer: Connection | None = None
        self._writing = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._readers: list[Connection] = []
        self._begun = 0
        """How many readers there are, including those that are still being opened."""
        self._idle: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        self._waiting = 0

    def usage(self) -> PoolUsage:
        """Return how the readers and the writer are used at this moment."""
        writing = self._writing.locked()
        idle = self._idle.qsize() + (self._writer is not None and not writing)
        in_use = self._begun - self._idle.qsize() + writing
        return PoolUsage(in_use, idle, self._options.pool_size + 1, self._waiting)

    async def fetch(self, sql: str, *parameters: object) -> list[sqlite3.Row]:
        """Run one reading statement on a connection that is lent for it, and return its rows."""
        async with self.reading() as connection:
            return await connection.fetch(sql, *parameters)

    async def obstacles(self, *, audit: bool) -> Obstacles:
        """Return what keeps the service from writing, without asking the database."""
        return await self._file.obstacles()

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Connection]:
        """Lend a connection for reading."""
        with self._translated:
            await self._file.require_same(within=_UNSEEN)
            has_turn = await self._take_turn()
            try:
                self._waiting += 1
                try:
                    connection = await self._reader()
                finally:
                    self._waiting -= 1
                try:
                    yield connection
                    self._file.is_in_use = True
                finally:
                    self._idle.put_nowait(connection)
            finally:
                if has_turn:
                    self._reading.release()

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[Connection]:
        """Lend the writer inside a transaction: commit at the end, roll back on any exception.

        Raises `OutcomeUnknown` when the commit took too long.
        """
        with self._translated:
            await self._take_writer()
            try:
                await self._file.require_same()
                if self._writer is None:
                    self._writer = await self.open("rw")
                async with self._writer.transaction():
                    yield self._writer
                self._file.is_in_use = True
            finally:
                self._writing.release()

    async def open(self, mode: str) -> Connection:
        """Open one more connection, which the caller closes (`rw`: the file must exist; `rwc`: it is created)."""
        return Connection(await self._file.connect(mode, self._options.lock_timeout), self._options)

    async def close(self) -> None:
        """Close every connection: the thread of an open one would keep the process from ending."""
        for connection in [*self._readers, *([self._writer] if self._writer else [])]:
            await connection.close()
        self._readers.clear()
        self._writer = None
        self._file.close()

    async def _take_writer(self) -> None:
        self._waiting += 1
        try:
            async with asyncio.timeout(self._options.lock_timeout):
                await self._writing.acquire()
        except TimeoutError as error:
            raise Locked("Other requests are writing; repeat the request in a moment.") from error
        finally:
            self._waiting -= 1

    async def _take_turn(self) -> bool:
        """Wait a short time until no other read is under way; return whether it is this one's turn.

        Threads that step through rows at the same time hand Python's lock to each other at every row: four clients got
        a third fewer pages that way than one after the other, and the slowest waited four times as long.
        """
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._reading.acquire()
        except TimeoutError:
            return False

    async def _reader(self) -> Connection:
        if not self._idle.empty():
            return self._idle.get_nowait()
        if self._begun < self._options.pool_size:
            self._begun += 1
            try:
                connection = await self._open_reader()
            except BaseException:
                self._begun -= 1
                raise
            self._readers.append(connection)
            return connection
        try:
            async with asyncio.timeout(self._options.pool_timeout):
                return await self._idle.get()
        except TimeoutError as error:
            raise PoolExhausted("All database connections are busy; repeat the request in a moment.") from error

    async def _open_reader(self) -> Connection:
        connection = await self.open("rw")
        try:
            await connection.fetch(READ_ONLY)
        except BaseException:
            await connection.close()
            raise
        return connection


async def _row_count(running: AbstractAsyncContextManager[aiosqlite.Cursor]) -> int:
    async with running as cursor:
        return cursor.rowcount
