"""Opening a database: finding out what is in it, making tables of our own where asked, filling them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from importlib.resources import files
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

from dagrun_api.airflow.layout import TABLES, Column, Generation, Layout, detect, is_empty
from dagrun_api.errors import ConfigurationError, Unavailable
from dagrun_api.model import CatalogueDag
from dagrun_api.store import StoreOptions
from dagrun_api_postgres.connections import Connection, Connections
from dagrun_api_postgres.errors import translated
from dagrun_api_postgres.store import PostgresStore, statements

__all__ = ["connecting", "detecting", "open_store", "prepare"]

_BAD_URL = "The database URL cannot be read; write it as postgresql://user:password@host:port/database."

_LIBPQ_ONLY = ("connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count")
"""Parameters of a URL made for psycopg2 that asyncpg would send to the server as settings."""

_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, NULL), a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.oid = ANY(SELECT to_regclass(name) FROM unnest($1::text[]) AS name) AND a.attnum > 0 AND NOT a.attisdropped
"""
"""The columns of those of these tables that are on the search path."""

_OWN_LOCK = "SELECT pg_advisory_xact_lock(7165002017)"
"""Held by whoever makes or fills tables of our own: several services may start at once."""


@asynccontextmanager
async def open_store(url: str, options: StoreOptions) -> AsyncGenerator[PostgresStore]:
    """Open `postgresql://user:password@host:port/database`."""
    settings = {"application_name": "dagrun-api"}
    if options.schema is not None:
        settings["search_path"] = '"' + options.schema.replace('"', '""') + '"'
    looking = detecting(options)
    with connecting():
        pool = await asyncpg.create_pool(
            _url(url),
            # With a floor, the pool itself would try to connect again and again, and log each failure as a traceback.
            min_size=0,
            max_size=options.pool_size,
            timeout=options.connect_timeout,
            command_timeout=options.query_timeout,
            statement_cache_size=100 if options.statement_cache else 0,
            server_settings=settings,
            reset=_keep,
        )
    try:
        with connecting():
            async with pool.acquire() as raw:
                layout = await prepare(Connection(raw, options.query_timeout), options, looking)
        yield PostgresStore(Connections(pool, options), layout, looking)
    finally:
        await _close(pool, options)


async def _keep(_: asyncpg.Connection[asyncpg.Record]) -> None:
    """Hand a connection on as it is, without asyncpg's round trip: no statement of ours leaves anything in a session.

    asyncpg itself has ended a transaction that was still open.
    """


def _url(url: str) -> str:
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in _LIBPQ_ONLY]
    return urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(query), ""))


async def prepare(
    connection: Connection, options: StoreOptions, looking: Callable[[Connection], Awaitable[Layout]]
) -> Layout:
    """Return the layout of the database; make and fill tables of our own where the options ask for them."""
    if options.create and options.catalogue is not None and is_empty(await _columns(connection)):
        async with connection.transaction():
            await connection.execute(_OWN_LOCK)
            if is_empty(await _columns(connection)):
                await connection.execute((files("dagrun_api_postgres") / "schema.sql").read_text())
    layout = await looking(connection)
    if options.create and options.catalogue is not None:
        if layout.generation is not Generation.STANDALONE:
            raise ConfigurationError(
                f"This is a database of {layout.name}: its DAGs come from Airflow, so leave the catalogue (dags) out."
            )
        async with connection.transaction():
            await connection.execute(_OWN_LOCK)
            await _load(connection, layout, options.catalogue)
    return layout


def detecting(options: StoreOptions) -> Callable[[Connection], Awaitable[Layout]]:
    """Return what looks at the tables and tells their layout."""

    async def look(connection: Connection) -> Layout:
        columns = await _columns(connection)
        heads: list[str] = []
        if columns["alembic_version"]:
            heads = [row[0] for row in await connection.fetch("SELECT version_num FROM alembic_version")]
        return detect(
            columns,
            max(heads, default=None),
            allow_unknown=options.allow_unknown_schema,
            audit_log=options.audit_log,
        )

    return look


async def _columns(connection: Connection) -> dict[str, dict[str, Column]]:
    columns: dict[str, dict[str, Column]] = {table: {} for table in TABLES}
    for table, name, type_, required in await connection.fetch(_COLUMNS, TABLES):
        columns[table][name] = Column(type_, required=required)
    return columns


async def _load(connection: Connection, layout: Layout, catalogue: tuple[CatalogueDag, ...]) -> None:
    sql = statements(layout)
    await connection.execute(sql["retire_dags"])
    for dag in catalogue:
        digest = hashlib.md5(dag.serialized.encode(), usedforsecurity=False).hexdigest()
        await connection.execute(sql["update_dag"], dag.dag_id, dag.full_path)
        await connection.execute(sql["add_dag"], dag.dag_id, dag.full_path, dag.paused)
        await connection.execute(sql["forget_serialized_dag"], dag.dag_id, digest)
        await connection.execute(sql["add_serialized_dag"], dag.dag_id, digest, dag.serialized)


@contextmanager
def connecting() -> Generator[None]:
    """Raise what cannot get better by waiting as a mistake in the configuration."""
    try:
        with translated():
            yield
    except (ValueError, OverflowError) as error:
        # The latter for a port beyond 65535.
        raise ConfigurationError(_BAD_URL) from error
    except Unavailable as error:
        if isinstance(error.__cause__, ValueError):
            raise ConfigurationError(_BAD_URL) from error
        if isinstance(error.__cause__, asyncpg.InvalidAuthorizationSpecificationError):
            raise ConfigurationError("The database refuses this user or password.") from error
        if isinstance(error.__cause__, asyncpg.InsufficientPrivilegeError):
            raise ConfigurationError(
                "The database user lacks a privilege: it needs SELECT on dag, dag_run, serialized_dag, dag_version, "
                "log_template and alembic_version, INSERT on dag_run, and UPDATE on dag."
            ) from error
        if isinstance(error.__cause__, asyncpg.InvalidCatalogNameError):
            raise ConfigurationError("There is no database of this name on the server.") from error
        raise


async def _close(pool: asyncpg.Pool[asyncpg.Record], options: StoreOptions) -> None:
    try:
        async with asyncio.timeout(options.query_timeout):
            await pool.close()
    except TimeoutError:
        pool.terminate()
