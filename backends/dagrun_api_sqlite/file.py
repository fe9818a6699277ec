"""The file of a database: whether it is still the one that was opened, and whether it can be written to.

SQLite goes on with a file that was deleted or replaced. Nobody else sees what is then written.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import TypeAlias, TypeVar
from urllib.parse import quote

import aiosqlite

from dagrun_api.errors import Unavailable
from dagrun_api.sqlstore.obstacles import Obstacles

__all__ = ["DatabaseFile"]

_LOST = "The database file was deleted or replaced while the service runs; start the service again."

_LEAST_FREE = 1024 * 1024
"""Bytes of the disk that must be free; a batch of 500 runs takes about 200,000, and its journal as many."""

_BESIDE = ("-wal", "-shm")
"""The endings of the files in which SQLite keeps its write-ahead log, where it has one."""

_T = TypeVar("_T")

_Identity: TypeAlias = tuple[int, int]


class DatabaseFile:
    """A file that several connections open; it has to stay the same for all of them.

    Whatever asks the operating system does so in the one thread of this object, since a disk may be slow.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: _Identity | None = None
        self._beside: list[_Identity | None] = []
        self.is_in_use = False
        """Whether a connection that stays open has used the file. From then on nobody else deletes its log."""
        self._same_at = float("-inf")
        self._thread = ThreadPoolExecutor(1)

    async def connect(self, mode: str, lock_timeout: float) -> aiosqlite.Connection:
        """Open one more connection (`rw`: the file must exist; `rwc`: it is created)."""
        await self.require_same()
        uri = f"file:{quote(str(self._path))}?mode={mode}"
        raw = await aiosqlite.connect(uri, uri=True, timeout=lock_timeout, isolation_level=None)
        if self._opened is None:
            self._opened = await self._asked(lambda: _found(self._path))
        return raw

    async def require_same(self, *, within: float = 0.0) -> None:
        """Raise `Unavailable` if the file was deleted or replaced since it was first opened.

        That it was the same so many seconds ago is enough.
        """
        if self._opened is None or monotonic() - self._same_at < within:
            return
        if not await self._asked(self._is_same):
            self._same_at = float("-inf")
            raise Unavailable(_LOST, because=str(self._path))
        self._same_at = monotonic()

    async def obstacles(self) -> Obstacles:
        """Return why the file cannot be written to, as far as the operating system knows."""
        return Obstacles(await self._asked(self._refusal), because=str(self._path))

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False)

    async def _asked(self, ask: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, ask)

    def _refusal(self) -> str | None:
        folder = self._path.parent
        if not self._is_same():
            return _LOST
        if not os.access(self._path, os.R_OK | os.W_OK):
            return "The database file may not be written to by this process."
        if not os.access(folder, os.W_OK | os.X_OK):
            return "The folder of the database file may not be written to by this process; SQLite needs it as well."
        disk = os.statvfs(folder)
        if disk.f_bavail * disk.f_frsize < _LEAST_FREE:
            return "The disk of the database file is full."
        return None

    def _is_same(self) -> bool:
        beside = [_found(self._path.with_name(self._path.name + ending)) for ending in _BESIDE]
        if self.is_in_use and None not in beside and not self._beside:
            self._beside = list(beside)
        return _found(self._path) == self._opened and beside == (self._beside or beside)


def _found(path: Path) -> _Identity | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
