"""What the driver raises, said in the words of our own errors.

A connection that died shows itself in many ways: asyncpg 0.32 answers the first call on one whose server process was
ended with an `InternalClientError`, which is neither a PostgresError nor an OSError.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType

import asyncpg

from dagrun_api.errors import DagrunApiError, InvalidRequest, Locked, SchemaMismatch, TimedOut, Unavailable, Unreachable

__all__ = ["translated"]

_Meaning = tuple[tuple[type[Exception], ...], type[DagrunApiError], str]

_MEANINGS: tuple[_Meaning, ...] = (
    (
        (asyncpg.DataError,),
        InvalidRequest,
        "The request holds a value that the database cannot hold.",
    ),
    (
        (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError),
        Locked,
        "Airflow or another request holds this DAG; repeat the request in a moment.",
    ),
    (
        (TimeoutError, asyncpg.QueryCanceledError, asyncpg.IdleInTransactionSessionTimeoutError),
        TimedOut,
        "The database took too long to answer; repeat the request later.",
    ),
    (
        (asyncpg.TooManyConnectionsError,),
        Unavailable,
        "The database takes no more connections; repeat the request later.",
    ),
    (
        (asyncpg.UndefinedColumnError, asyncpg.UndefinedTableError),
        SchemaMismatch,
        "The tables of the database have changed; repeat the request in a moment.",
    ),
    (
        (asyncpg.InsufficientPrivilegeError,),
        Unavailable,
        "The database user of this service lacks a privilege; `dagrun-api check` and the README list what it needs.",
    ),
    (
        (asyncpg.ReadOnlySQLTransactionError,),
        Unavailable,
        "The database is read-only, perhaps a standby; nothing was written.",
    ),
    (
        (
            asyncpg.PostgresConnectionError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
            asyncpg.AdminShutdownError,
            asyncpg.CrashShutdownError,
            asyncpg.CannotConnectNowError,
            OSError,
        ),
        Unreachable,
        "The database cannot be reached, or the connection to it was lost.",
    ),
    (
        (asyncpg.PostgresError,),
        Unavailable,
        "The database cannot be read or written now; the log of the service says why.",
    ),
)
"""What the driver raises, which of our errors that is, and what to say; the first that fits counts."""


class _Translation:
    """A class, as it stands in the way of each request, and a generator takes its time."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing is to be done before an error comes."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)):
            for kinds, ours, sentence in _MEANINGS:
                if isinstance(error, kinds):
                    raise ours(sentence) from error


_TRANSLATION = _Translation()


def translated() -> AbstractContextManager[None]:
    """Raise the driver's errors as ours, with the original as cause."""
    return _TRANSLATION
