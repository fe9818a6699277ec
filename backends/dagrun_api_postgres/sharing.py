"""A store on a pool of somebody else's, who goes on using it for work of his own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import asyncpg

from dagrun_api.errors import ConfigurationError
from dagrun_api.store import StoreOptions
from dagrun_api_postgres.connect import connecting, detecting, prepare
from dagrun_api_postgres.connections import Connection, Connections
from dagrun_api_postgres.store import PostgresStore

__all__ = ["store_on"]

_PROBE = "SELECT $1::timestamptz, $2::timestamp, $3::text, $4::varchar, $5::integer, $6::bigint, $7::boolean, $8::bytea"

_TYPES = ("timestamptz", "timestamp", "text", "varchar", "integer", "bigint", "boolean", "bytea")


async def store_on(pool: asyncpg.Pool[Any], options: StoreOptions | None = None) -> PostgresStore:
    """Return a store that borrows its connections from a pool, for `create_app(store=...)` and `setup(store=...)`.

    The pool stays its maker's, who closes it after the application has ended; closed before, requests are answered
    with 503. A connection is borrowed for one statement or one transaction, and goes back as it came: no setting, lock,
    listener or prepared statement with a name of ours stays in its session. When a connection turns out to be dead,
    the pool is told to replace the others (`expire_connections`) as they come back.

    What the pool has to be: connected to the database with Airflow's tables, which must be on its `search_path`
    (`server_settings={"search_path": "airflow"}`). What it may have besides: codecs for json, jsonb and uuid, classes
    for records and connections, `init`, `setup` and `reset`, any `command_timeout`, no statement cache. Of the options,
    those that are about the connection count for nothing here (`pool_size`, `connect_timeout`, `statement_cache`); a
    request waits `pool_timeout` for a free connection, and each statement ends within `query_timeout`.

    Raises `ConfigurationError` when this is no database to work with, or when the pool has codecs that change times,
    text, numbers or bytes; `Unavailable` when it does not answer.
    """
    options = options if options is not None else StoreOptions()
    if options.schema is not None:
        raise ConfigurationError(
            "The schema of a shared pool is its maker's to set: leave schema out, and make the pool with "
            'server_settings={"search_path": ...}.'
        )
    connections = Connections(pool, options)
    looking = detecting(options)
    with connecting():
        async with connections.reading() as connection:
            await _refuse_codecs(connection)
            layout = await prepare(connection, options, looking)
    return PostgresStore(connections, layout, looking)


async def _refuse_codecs(connection: Connection) -> None:
    """Raise `ConfigurationError` if a value comes back other than it was sent."""
    now = datetime(2017, 9, 1, 12, 0, 0, 1, UTC)
    sent = (now, now.replace(tzinfo=None), "text", "text", 1, 2**40, True, b"\0")
    try:
        (received,) = await connection.fetch(_PROBE, *sent)
    except (asyncpg.DataError, TypeError, ValueError, AttributeError) as error:
        raise _unfit("a type that it needs") from error
    for name, value, back in zip(_TYPES, sent, received, strict=True):
        # A subclass may compare, show or serialize itself otherwise.
        if type(back) is not type(value) or back != value:
            raise _unfit(name)


def _unfit(type_: str) -> ConfigurationError:
    return ConfigurationError(
        f"The pool has a codec of its own for {type_}; those for json, jsonb and uuid may stay, but not this one: "
        "give the service a pool without it, or let it open one itself (database=...)."
    )
