"""Opening a database by its URL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

from dagrun_api.errors import ConfigurationError, Unavailable
from dagrun_api.sqlstore.schema import prepare
from dagrun_api.sqlstore.store import SQLStore
from dagrun_api.store import StoreOptions
from dagrun_api_postgres.connections import Connection, Connections
from dagrun_api_postgres.dialect import DIALECT
from dagrun_api_postgres.errors import translated

__all__ = ["open_store", "opening"]

_BAD_URL = "The database URL cannot be read; write it as postgresql://user:password@host:port/database."

_LIBPQ_ONLY = ("connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count")
"""Parameters of a URL for psycopg2 that asyncpg would send to the server as settings."""


@asynccontextmanager
async def open_store(url: str, options: StoreOptions) -> AsyncGenerator[SQLStore]:
    """Open `postgresql://user:password@host:port/database`."""
    with opening():
        pool = await asyncpg.create_pool(
            _url(url),
            # With a floor, the pool itself would try to connect again and again, and log each failure as a traceback.
            min_size=0,
            max_size=options.pool_size,
            timeout=options.connect_timeout,
            command_timeout=options.query_timeout,
            statement_cache_size=100 if options.statement_cache else 0,
            server_settings=_server_settings(options),
            reset=_keep,
        )
    try:
        with opening():
            async with pool.acquire() as raw:
                layout = await prepare(Connection(raw, options), DIALECT, options)
        yield SQLStore(Connections(pool, options), DIALECT, layout, options)
    finally:
        await _close(pool, options)


@contextmanager
def opening() -> Generator[None]:
    """Raise errors that waiting cannot cure as `ConfigurationError`."""
    try:
        with translated():
            yield
    except (ValueError, OverflowError) as error:
        # OverflowError: a port beyond 65535.
        raise ConfigurationError(_BAD_URL) from error
    except Unavailable as error:
        cause = error.__cause__
        if isinstance(cause, ValueError):
            raise ConfigurationError(_BAD_URL) from error
        if isinstance(cause, asyncpg.InvalidAuthorizationSpecificationError):
            raise ConfigurationError("The database refuses this user or password.") from error
        if isinstance(cause, asyncpg.InsufficientPrivilegeError):
            raise ConfigurationError(
                "The database user lacks a privilege: it needs SELECT on dag, dag_run, serialized_dag, dag_version, "
                "log_template and alembic_version, INSERT on dag_run, and UPDATE on dag."
            ) from error
        if isinstance(cause, asyncpg.InvalidCatalogNameError):
            raise ConfigurationError("There is no database of this name on the server.") from error
        raise


def _url(url: str) -> str:
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in _LIBPQ_ONLY]
    return urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(query), ""))


def _server_settings(options: StoreOptions) -> dict[str, str]:
    settings = {"application_name": "dagrun-api"}
    if options.schema is not None:
        settings["search_path"] = '"' + options.schema.replace('"', '""') + '"'
    return settings


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
