"""A store on a pool of the host application, which uses that pool for its own work too."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import asyncpg

from dagrun_api.errors import ConfigurationError
from dagrun_api.sqlstore.schema import prepare
from dagrun_api.sqlstore.store import SQLStore
from dagrun_api.store import StoreOptions
from dagrun_api_postgres.connect import opening
from dagrun_api_postgres.connections import Connection, Connections
from dagrun_api_postgres.dialect import DIALECT
from dagrun_api_postgres.pooler import refuse_cache
from dagrun_api_postgres.statements import CODECS

__all__ = ["store_on"]

_TYPES = ("timestamptz", "timestamp", "text", "varchar", "integer", "bigint", "boolean", "bytea")


async def store_on(pool: asyncpg.Pool[Any], options: StoreOptions | None = None) -> SQLStore:
    """Return a store that borrows its connections from a pool, for `create_app(store=...)` and `setup(store=...)`.

    The pool stays the host's, which closes it after the application has ended. If it is closed earlier, requests are
    answered with 503. A connection is borrowed for one statement or one transaction and returned as it was: no setting,
    lock, listener or named prepared statement stays in its session. When a connection turns out to be dead, or
    its server cannot be written to, the pool is told to replace the others (`expire_connections`) as they come back.

    The pool must be connected to the database with Airflow's tables, which must be on its `search_path`
    (`server_settings={"search_path": "airflow"}`). It may have codecs for json, jsonb and uuid, its own classes for
    records and connections, `init`, `setup` and `reset`, any `command_timeout`, and no statement cache. The options
    for connections (`pool_size`, `connect_timeout`, `statement_cache`) have no effect here. A request waits
    `pool_timeout` for a free connection, and each statement ends within `query_timeout`. Behind a pooler such as
    PgBouncer in transaction mode, make the pool with `statement_cache_size=0`.

    Raises `ConfigurationError` when the service cannot work with this database, when the pool has codecs that change
    times, text, numbers or bytes, or when it caches statements that a pooler does not keep; `Unavailable` when the
    database does not answer.
    """
    options = options if options is not None else StoreOptions()
    if options.schema is not None:
        raise ConfigurationError(
            "The schema of a shared pool is set where the pool is made: leave schema out, and make the pool with "
            'server_settings={"search_path": ...}.'
        )
    connections = Connections(pool, options)
    with opening():
        await refuse_cache(pool, options.pool_timeout)
        async with connections.reading() as connection:
            await _refuse_codecs(connection)
            layout = await prepare(connection, DIALECT, options)
    return SQLStore(connections, DIALECT, layout, options)


async def _refuse_codecs(connection: Connection) -> None:
    """Raise `ConfigurationError` if a value comes back changed."""
    now = datetime(2017, 9, 1, 12, 0, 0, 1, UTC)
    sent = (now, now.replace(tzinfo=None), "text", "text", 1, 2**40, True, b"\0")
    try:
        (received,) = await connection.fetch(CODECS, *sent)
    except (asyncpg.DataError, TypeError, ValueError, AttributeError) as error:
        raise _unfit("a type that the service needs") from error
    for name, value, back in zip(_TYPES, sent, received, strict=True):
        # A subclass may be equal, and still print or serialize differently.
        if type(back) is not type(value) or back != value:
            raise _unfit(name)


def _unfit(type_: str) -> ConfigurationError:
    return ConfigurationError(
        f"The pool has its own codec for {type_}; those for json, jsonb and uuid may stay, but not this one: "
        "give the service a pool without it, or let it open one itself (database=...)."
    )
