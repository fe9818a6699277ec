"""The file of a database: whether it is still the one that was opened, and whether it can be written to.

SQLite goes on with a file that was deleted or replaced. Nobody else sees what is then written.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import aiosqlite

from dagrun_api.errors import Unavailable
from dagrun_api.sqlstore.obstacles import Obstacles

__all__ = ["DatabaseFile"]

_LEAST_FREE = 1024 * 1024
"""Bytes of the disk that must be free; a batch of 500 runs takes about 200,000, and its journal as many."""


class DatabaseFile:
    """A file that several connections open; it has to stay the same for all of them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: tuple[int, int] | None = None

    async def connect(self, mode: str, lock_timeout: float) -> aiosqlite.Connection:
        """Open one more connection (`rw`: the file must exist; `rwc`: it is created)."""
        uri = f"file:{quote(str(self._path))}?mode={mode}"
        raw = await aiosqlite.connect(uri, uri=True, timeout=lock_timeout, isolation_level=None)
        if self._opened is None:
            self._opened = self._found()
        return raw

    def require_same(self) -> None:
        """Raise `Unavailable` if the file was deleted or replaced since it was first opened."""
        if self._opened is not None and self._found() != self._opened:
            raise Unavailable(
                "The database file was deleted or replaced while the service runs; start the service again.",
                because=str(self._path),
            )

    def obstacles(self) -> Obstacles:
        """Return why the file cannot be written to, as far as the operating system knows."""
        return Obstacles(self._refusal(), because=str(self._path))

    def _refusal(self) -> str | None:
        folder = self._path.parent
        if not os.access(self._path, os.R_OK | os.W_OK):
            return "The database file may not be written to by this process."
        if not os.access(folder, os.W_OK | os.X_OK):
            return "The folder of the database file may not be written to by this process; SQLite needs it as well."
        disk = os.statvfs(folder)
        if disk.f_bavail * disk.f_frsize < _LEAST_FREE:
            return "The disk of the database file is full."
        return None

    def _found(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._path)  # noqa: PTH116  # every request comes here
        except OSError:
            return None
        return found.st_dev, found.st_ino
