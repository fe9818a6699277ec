"""What the driver raises, said in the words of our own errors."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from dagrun_api.errors import InvalidRequest, Locked, SchemaMismatch, TimedOut, Unavailable

__all__ = ["translated"]


@contextmanager
def translated() -> Generator[None]:
    """Raise the driver's errors as ours, with the original as cause."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _operational(error) from error
    except (OverflowError, UnicodeEncodeError) as error:
        raise InvalidRequest("The request holds a value that the database cannot hold.") from error
    except (sqlite3.Error, TimeoutError) as error:
        raise _unavailable(error) from error
    except ValueError as error:
        # aiosqlite raises a plain ValueError for a connection that was closed under us.
        if isinstance(error.__context__, asyncio.CancelledError) or "onnection" not in str(error):
            raise
        raise Unavailable("The database connection is closed.") from error


def _operational(error: sqlite3.OperationalError) -> Unavailable:
    text = str(error)
    if "no such table" in text or "no such column" in text or "has no column" in text:
        return SchemaMismatch("The tables of the database have changed; repeat the request in a moment.")
    return _unavailable(error)


def _unavailable(error: BaseException) -> Unavailable:
    text = str(error)
    if isinstance(error, TimeoutError) or "interrupted" in text:
        return TimedOut("The database took too long to answer; repeat the request later.")
    if "locked" in text or "busy" in text:
        return Locked("The database is locked by another writer; repeat the request in a moment.")
    if "full" in text:
        return Unavailable("The database has no room left; nothing was written.")
    if "readonly" in text:
        return Unavailable("The database file may not be written to by this process; nothing was written.")
    return Unavailable("The database cannot be read or written now; the log of the service says why.")
