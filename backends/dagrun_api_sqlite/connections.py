"""The connections to one file: a single writer, and readers that never wait for it in this process.

SQLite takes one writer at a time. `BEGIN IMMEDIATE` asks for the lock at once and waits its turn; a transaction that
begins as a reader and writes later loses its work when another has written meanwhile.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import aiosqlite

from dagrun_api.errors import Locked, OutcomeUnknown, PoolExhausted
from dagrun_api.store import PoolUsage, StoreOptions

__all__ = ["Connection", "Connections"]

Row = Sequence[object]

_PATIENCE = 0.02
"""Seconds for which a read waits for the one before it; a page of 100 runs takes about 0.0003."""


class Connection:
    """One connection, each statement of which ends within the query timeout or is interrupted."""

    def __init__(self, raw: aiosqlite.Connection, query_timeout: float) -> None:
        self._raw = raw
        self._query_timeout = query_timeout

    async def fetch(self, sql: str, parameters: Iterable[object] = (), *, extra_time: float = 0.0) -> list[Row]:
        """Run one statement and return its rows."""
        try:
            async with asyncio.timeout(self._query_timeout + extra_time):
                return list(await self._raw.execute_fetchall(sql, parameters))
        except (TimeoutError, asyncio.CancelledError):
            # Giving up the wait does not stop the statement; left alone, it would hold its locks to its end.
            await self._raw.interrupt()
            raise

    async def insert(self, sql: str, rows: Sequence[Sequence[object]]) -> int:
        """Run one statement for each row and return how many rows it added."""
        try:
            async with asyncio.timeout(self._query_timeout), self._raw.executemany(sql, rows) as cursor:
                return cursor.rowcount
        except (TimeoutError, asyncio.CancelledError):
            await self._raw.interrupt()
            raise

    async def script(self, sql: str) -> None:
        """Run several statements inside the transaction that is open."""
        for statement in sql.split(";\n"):
            if statement.strip():
                await self.fetch(statement)

    @asynccontextmanager
    async def transaction(self, lock_timeout: float) -> AsyncGenerator[None]:
        """Hold the write lock: commit at the end, roll back on any exception."""
        is_ending = False
        try:
            await self.fetch("BEGIN IMMEDIATE", extra_time=lock_timeout)
            yield
            is_ending = True
            await self.fetch("COMMIT", extra_time=lock_timeout)
        except BaseException as error:
            # Also after a BEGIN that was given up: it may yet have taken the lock.
            try:
                await self._raw.execute_fetchall("ROLLBACK")
            except sqlite3.OperationalError:
                # Nothing is open any more: a commit that was given up may have come to its end all the same.
                if is_ending and isinstance(error, TimeoutError):
                    raise OutcomeUnknown(
                        "The database took too long to commit; repeat the request: it does only what is missing."
                    ) from error
            raise

    async def close(self) -> None:
        """Close it and end its thread."""
        await self._raw.close()


class Connections:
    """The writer and the readers of one file; opened when they are first needed."""

    def __init__(self, path: Path, options: StoreOptions) -> None:
        self._path = path
        self._options = options
        self._writer: Connection | None = None
        self._writing = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._readers: list[Connection] = []
        self._begun = 0
        """How many readers there are, with those that are still being opened."""
        self._idle: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        self._waiting = 0

    def usage(self) -> PoolUsage:
        """Return how the readers and the writer are used at this moment."""
        writing = self._writing.locked()
        idle = self._idle.qsize() + (self._writer is not None and not writing)
        in_use = self._begun - self._idle.qsize() + writing
        return PoolUsage(in_use, idle, self._options.pool_size + 1, self._waiting)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Connection]:
        """Lend a connection that only reads."""
        has_turn = await self._take_turn()
        try:
            self._waiting += 1
            try:
                connection = await self._reader()
            finally:
                self._waiting -= 1
            try:
                yield connection
            finally:
                self._idle.put_nowait(connection)
        finally:
            if has_turn:
                self._reading.release()

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[Connection]:
        """Lend the writer, inside a transaction."""
        self._waiting += 1
        try:
            async with asyncio.timeout(self._options.lock_timeout):
                await self._writing.acquire()
        except TimeoutError as error:
            raise Locked("Other requests are writing; repeat the request in a moment.") from error
        finally:
            self._waiting -= 1
        try:
            if self._writer is None:
                self._writer = await self.open("rw")
            async with self._writer.transaction(self._options.lock_timeout):
                yield self._writer
        finally:
            self._writing.release()

    async def open(self, mode: str) -> Connection:
        """Open one more connection (`rw`: the file must exist; `rwc`: it is made); its closing is the caller's."""
        uri = f"file:{quote(str(self._path))}?mode={mode}"
        raw = await aiosqlite.connect(uri, uri=True, timeout=self._options.lock_timeout, isolation_level=None)
        return Connection(raw, self._options.query_timeout)

    async def close(self) -> None:
        """Close every connection: the thread of one left open would keep the process from ending."""
        for connection in [*self._readers, *([self._writer] if self._writer else [])]:
            await connection.close()
        self._readers.clear()
        self._writer = None

    async def _take_turn(self) -> bool:
        """Wait until no other read is under way, but not for long; return whether it is our turn.

        Threads that step through rows side by side hand Python's lock to each other at every row: four clients got a
        third fewer pages that way than one after the other, and waited four times as long for the slowest.
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
            await connection.fetch("PRAGMA query_only = ON")
        except BaseException:
            await connection.close()
            raise
        return connection
