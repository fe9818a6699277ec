"""Errors of sqlite3 and aiosqlite, translated into errors of this package.

sqlite3 raises an `OperationalError` for almost everything, so its text decides.
"""

from __future__ import annotations

import asyncio
import sqlite3
from functools import partial
from pathlib import Path

from dagrun_api.errors import DagrunApiError, InvalidRequest, Locked, SchemaMismatch, TimedOut, Unavailable
from dagrun_api.sqlstore.translation import Translation

__all__ = ["translated"]

_MEANINGS: tuple[tuple[tuple[str, ...], type[Unavailable], str], ...] = (
    (
        ("no such table", "no such column", "has no column"),
        SchemaMismatch,
        "The tables of the database have changed; repeat the request in a moment.",
    ),
    (
        ("interrupted",),
        TimedOut,
        "The database took too long to answer; repeat the request later.",
    ),
    (
        ("locked", "busy"),
        Locked,
        "The database is locked by another writer; repeat the request in a moment.",
    ),
    (
        ("full",),
        Unavailable,
        "The database has no room left; nothing was written.",
    ),
    (
        ("readonly",),
        Unavailable,
        "The database file may not be written to by this process; nothing was written.",
    ),
    (
        ("",),
        Unavailable,
        "The database cannot be read or written now; the log of the service says why.",
    ),
)
"""Words in the text of a sqlite3 error, what it becomes, and the sentence. The first line that fits counts."""


def _meaning(path: Path | None, error: BaseException) -> DagrunApiError | None:
    if isinstance(error, sqlite3.Error):
        text = str(error)
        found = next(meaning(sentence) for words, meaning, sentence in _MEANINGS if any(word in text for word in words))
        found.because = f"{path}: {text}" if path is not None else text
        return found
    if isinstance(error, TimeoutError):
        return TimedOut("The database took too long to answer; repeat the request later.")
    if isinstance(error, OverflowError | UnicodeEncodeError):
        return InvalidRequest("The request holds a value that the database cannot hold.")
    if isinstance(error, ValueError) and "onnection" in str(error):
        # aiosqlite raises a plain ValueError for a connection that was closed meanwhile.
        is_cancelled = isinstance(error.__context__, asyncio.CancelledError)
        return None if is_cancelled else Unavailable("The database connection is closed.")
    return None


def translated(path: Path | None = None) -> Translation:
    """Raise errors of the driver as errors of this package, with the original as the cause.

    `path` is that of the database: the errors name it to the operator.
    """
    return Translation(partial(_meaning, path))
