"""Errors of asyncpg, translated into errors of this package.

A lost connection shows itself in many ways: asyncpg 0.32 answers the first call on a connection whose server process
has ended with an `InternalClientError`, which is neither a PostgresError nor an OSError.
"""

from __future__ import annotations

import os
import ssl
from functools import partial

import asyncpg

from dagrun_api.errors import (
    DagrunApiError,
    InvalidRequest,
    Locked,
    PrivilegeMissing,
    SchemaMismatch,
    TimedOut,
    Unavailable,
    Unreachable,
)
from dagrun_api.sqlstore.translation import Translation

__all__ = ["LOST", "said", "translated"]

LOST = "The connection to the database was lost; repeat the request: it does only what is missing."

_DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)

_MEANINGS: tuple[tuple[tuple[type[Exception], ...], type[DagrunApiError], str], ...] = (
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
        "The database accepts no more connections; repeat the request later.",
    ),
    (
        (asyncpg.UndefinedColumnError, asyncpg.UndefinedTableError),
        SchemaMismatch,
        "The tables of the database have changed; repeat the request in a moment.",
    ),
    (
        (asyncpg.InsufficientPrivilegeError,),
        PrivilegeMissing,
        "The database user of this service lacks a privilege; `dagrun-api check` names it.",
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
"""Errors of the driver, what they become, and the sentence. The first line that fits counts."""


def _meaning(place: str, error: BaseException) -> DagrunApiError | None:
    if not isinstance(error, _DRIVER_ERRORS):
        return None
    found = next((meaning(sentence) for kinds, meaning, sentence in _MEANINGS if isinstance(error, kinds)), None)
    if isinstance(found, Unavailable):
        found.because = f"{place}: {said(error)}" if place else said(error)
    return found


def said(error: BaseException) -> str:
    """Return what the server, the network or the driver said, in one line.

    Never the DETAIL of the server, which is in the text of its errors and quotes rows.
    """
    if isinstance(error, asyncpg.PostgresError) and error.message:
        text = f"{error.severity} {error.sqlstate}: {error.message}"
    elif isinstance(error, TimeoutError):
        text = "no answer in time"
    elif isinstance(error, OSError) and not isinstance(error, ssl.SSLError) and (error.errno or 0) > 0:
        # asyncio's own text repeats the address.
        text = os.strerror(error.errno or 0)
    elif isinstance(error, OSError):
        text = error.strerror or str(error)
    else:
        text = str(error.args[0]) if error.args else ""
    return " ".join(text.split()) or type(error).__name__


def translated(place: str = "") -> Translation:
    """Raise errors of the driver as errors of this package, with the original as the cause.

    `place` says where the database is: the errors name it to the operator.
    """
    return Translation(partial(_meaning, place))
