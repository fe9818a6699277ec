"""Opening a database by its URL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg

from dagrun_api.errors import ConfigurationError, InvalidRequest, Unavailable
from dagrun_api.sqlstore.schema import prepare
from dagrun_api.sqlstore.store import SQLStore
from dagrun_api.store import StoreOptions
from dagrun_api_postgres.connections import Connection, Connections
from dagrun_api_postgres.dialect import DIALECT
from dagrun_api_postgres.errors import said, translated
from dagrun_api_postgres.pooler import is_pooled, may_cache
from dagrun_api_postgres.statements import quoted, search_path
from dagrun_api_postgres.url import BAD_URL, place_of, readable

__all__ = ["open_store", "opening"]

_CACHED_STATEMENTS = 100


@asynccontextmanager
async def open_store(url: str, options: StoreOptions) -> AsyncGenerator[SQLStore]:
    """Open `postgresql://user:password@host:port/database`."""
    place = place_of(url)
    arguments: dict[str, Any] = {
        "dsn": readable(url),
        "timeout": options.connect_timeout,
        "command_timeout": options.query_timeout,
        "server_settings": {"application_name": "dagrun-api"},
        "statement_cache_size": 0,
    }
    with opening(place):
        async with _connected(arguments) as first:
            pooled = await is_pooled(first)
            cached = options.statement_cache is not False
            if pooled:
                cached = await may_cache(first, _connected(arguments), options.statement_cache)
        if cached:
            arguments["statement_cache_size"] = _CACHED_STATEMENTS
        # A pooler refuses or ignores such a setting, or keeps it for its next client.
        path = search_path(options.schema) if options.schema is not None and pooled else None
        if options.schema is not None and not pooled:
            arguments["server_settings"]["search_path"] = quoted(options.schema)
        # With a floor, the pool itself would try to connect again and again, and log each failure as a traceback.
        pool = await asyncpg.create_pool(min_size=0, max_size=options.pool_size, reset=_keep, **arguments)
    connections = Connections(pool, options, place, path)
    try:
        with opening(place):
            async with pool.acquire() as raw:
                layout = await prepare(Connection(raw, options, path), DIALECT, options)
        yield SQLStore(connections, DIALECT, layout, options)
    finally:
        await _close(pool, options)


@contextmanager
def opening(place: str = "") -> Generator[None]:
    """Raise errors that waiting cannot cure as `ConfigurationError`; `place` says where the database is."""
    try:
        with translated(place):
            yield
    except (ValueError, OverflowError) as error:
        # OverflowError: a port beyond 65535.
        raise ConfigurationError(BAD_URL) from error
    except (Unavailable, InvalidRequest) as error:
        cause = error.__cause__
        if cause is None:
            raise
        told = f"{place}: {said(cause)}" if place else said(cause)
        if isinstance(cause, asyncpg.ClientConfigurationError):
            raise ConfigurationError(f"The database URL cannot be used: {said(cause)}.") from error
        if isinstance(cause, ValueError):
            raise ConfigurationError(BAD_URL) from error
        if isinstance(cause, asyncpg.InvalidAuthorizationSpecificationError):
            raise ConfigurationError(f"The database refuses this user or password ({told}).") from error
        if isinstance(cause, asyncpg.InsufficientPrivilegeError):
            raise ConfigurationError(
                "The database user lacks a privilege: it needs SELECT on dag, dag_run, serialized_dag, dag_version, "
                f"log_template and alembic_version, INSERT on dag_run, and UPDATE on dag ({told})."
            ) from error
        if isinstance(cause, asyncpg.InvalidCatalogNameError):
            raise ConfigurationError(f"There is no database of this name on the server ({told}).") from error
        if _refuses_parameter(cause):
            raise ConfigurationError(f"The server refuses a parameter of the database URL ({told}).") from error
        raise


def _refuses_parameter(cause: BaseException) -> bool:
    """Whether a server or a pooler refuses a parameter that the driver does not know and passes on."""
    if isinstance(cause, asyncpg.ProtocolViolationError):
        return "startup parameter" in str(cause)
    kinds = (asyncpg.UndefinedObjectError, asyncpg.CantChangeRuntimeParamError, asyncpg.DataError)
    # The end of a connection; an error of a statement is none.
    return isinstance(cause, kinds) and cause.severity_en == "FATAL"


@asynccontextmanager
async def _connected(arguments: dict[str, Any]) -> AsyncGenerator[asyncpg.Connection[asyncpg.Record]]:
    """Connect once, outside of any pool."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(**arguments)
    try:
        yield connection
    finally:
        await connection.close()


async def _keep(_: asyncpg.Connection[asyncpg.Record]) -> None:
    """Return a connection as it is, which saves asyncpg's round trip: our statements leave nothing in a session.

    asyncpg itself has already ended a transaction that was still open.
    """


async def _close(pool: asyncpg.Pool[asyncpg.Record], options: StoreOptions) -> None:
    try:
        async with asyncio.timeout(options.query_timeout):
            await pool.close()
    except TimeoutError:
        pool.terminate()
